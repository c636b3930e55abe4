using SaaS.Client.Http;

namespace SaaS.Client.Aliases;

public sealed class AliasesClient(ApiClient api)
{
    public Task<PageOf<AliasView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null, long? domainId = null) =>
        api.GetAsync<PageOf<AliasView>>(ApiClient.Query("/v1/aliases", page, ("tenantId", tenantId), ("domainId", domainId)), ct);

    public Task<AliasView> GetAsync(long id, CancellationToken ct) => api.GetAsync<AliasView>($"/v1/aliases/{id}", ct);

    public Task<AliasView> CreateAsync(CreateAlias body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<AliasView>("/v1/aliases", body, idempotencyKey, ct);

    public Task<AliasView> UpdateAsync(long id, UpdateAlias body, string? version, CancellationToken ct) =>
        api.PatchAsync<AliasView>($"/v1/aliases/{id}", body, version, ct);

    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/aliases/{id}", version, ct);
}
