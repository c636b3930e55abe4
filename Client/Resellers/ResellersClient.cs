using SaaS.Client.Http;

namespace SaaS.Client.Resellers;

public sealed class ResellersClient(ApiClient api)
{
    public Task<PageOf<ResellerView>> ListAsync(PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<ResellerView>>(ApiClient.Query("/v1/resellers", page), ct);

    public Task<ResellerView> GetAsync(long id, CancellationToken ct) => api.GetAsync<ResellerView>($"/v1/resellers/{id}", ct);

    public Task<ResellerView> CreateAsync(CreateReseller body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<ResellerView>("/v1/resellers", body, idempotencyKey, ct);

    public Task<ResellerView> UpdateAsync(long id, UpdateReseller body, string? version, CancellationToken ct) =>
        api.PatchAsync<ResellerView>($"/v1/resellers/{id}", body, version, ct);

    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/resellers/{id}", version, ct);

    public Task<PageOf<ResellerAdminView>> ListAdminsAsync(long id, CancellationToken ct) =>
        api.GetAsync<PageOf<ResellerAdminView>>($"/v1/resellers/{id}/admins", ct);

    public Task<ResellerAdminView> CreateAdminAsync(long id, CreateResellerAdmin body, CancellationToken ct) =>
        api.CreateAsync<ResellerAdminView>($"/v1/resellers/{id}/admins", body, null, ct);

    public Task DeleteAdminAsync(long id, long userId, CancellationToken ct) => api.DeleteAsync($"/v1/resellers/{id}/admins/{userId}", null, ct);
}
