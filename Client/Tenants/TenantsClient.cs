using SaaS.Client.Http;

namespace SaaS.Client.Tenants;

public sealed class TenantsClient(ApiClient api)
{
    public Task<PageOf<TenantView>> ListAsync(PageQuery? page, CancellationToken ct, long? resellerId = null) =>
        api.GetAsync<PageOf<TenantView>>(ApiClient.Query("/v1/tenants", page, ("resellerId", resellerId)), ct);

    public Task<TenantView> GetAsync(long id, CancellationToken ct) => api.GetAsync<TenantView>($"/v1/tenants/{id}", ct);

    public Task<TenantView> CreateAsync(CreateTenant body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<TenantView>("/v1/tenants", body, idempotencyKey, ct);

    public Task<TenantView> UpdateAsync(long id, UpdateTenant body, string? version, CancellationToken ct) =>
        api.PatchAsync<TenantView>($"/v1/tenants/{id}", body, version, ct);

    /// <summary>Only a tenant without domains can go.</summary>
    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/tenants/{id}", version, ct);
}
