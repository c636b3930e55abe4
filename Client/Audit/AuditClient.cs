using SaaS.Client.Http;

namespace SaaS.Client.Audit;

public sealed class AuditClient(ApiClient api)
{
    /// <summary>Newest first; search looks in action, target and user name.</summary>
    public Task<PageOf<AuditView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null, AuditQuery? query = null) =>
        api.GetAsync<PageOf<AuditView>>(
            ApiClient.Query(
                "/v1/audit", page, ("tenantId", tenantId), ("action", query?.Action), ("user", query?.User), ("from", query?.From?.UtcDateTime.ToString("O")),
                ("until", query?.Until?.UtcDateTime.ToString("O"))), ct);
}
