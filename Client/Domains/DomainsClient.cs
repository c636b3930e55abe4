using SaaS.Client.Http;

namespace SaaS.Client.Domains;

public sealed class DomainsClient(ApiClient api)
{
    public Task<PageOf<DomainView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null) =>
        api.GetAsync<PageOf<DomainView>>(ApiClient.Query("/v1/domains", page, ("tenantId", tenantId)), ct);

    public Task<DomainView> GetAsync(long id, CancellationToken ct) => api.GetAsync<DomainView>($"/v1/domains/{id}", ct);

    public Task<DomainView> CreateAsync(CreateDomain body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<DomainView>("/v1/domains", body, idempotencyKey, ct);

    public Task<DomainView> UpdateAsync(long id, UpdateDomain body, string? version, CancellationToken ct) =>
        api.PatchAsync<DomainView>($"/v1/domains/{id}", body, version, ct);

    /// <summary>Only a domain without addresses can go.</summary>
    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/domains/{id}", version, ct);

    /// <summary>Looks for the TXT record. Refused with reason notVerified while it is not there.</summary>
    public Task<DomainView> VerifyAsync(long id, CancellationToken ct) => api.PostAsync<DomainView>($"/v1/domains/{id}/verify", null, ct);

    /// <summary>Operators only: takes the domain as proven.</summary>
    public Task<DomainView> VouchAsync(long id, CancellationToken ct) => api.PostAsync<DomainView>($"/v1/domains/{id}/vouch", null, ct);

    /// <summary>The exact records to publish and the state of each, asked from DNS now.</summary>
    public Task<DnsReport> DnsAsync(long id, CancellationToken ct) => api.GetAsync<DnsReport>($"/v1/domains/{id}/dns", ct);
}
