using SaaS.Client.Http;

namespace SaaS.Client.Queue;

/// <summary>The outbound queue: operators see all of it, resellers and tenant admins their own.</summary>
public sealed class QueueClient(ApiClient api)
{
    public Task<PageOf<QueueMessageView>> ListAsync(QueueQuery? query, PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<QueueMessageView>>(
            ApiClient.Query(
                "/v1/queue", page, ("state", query?.State), ("destination", query?.Destination), ("tenantId", query?.TenantId)), ct);

    /// <summary>What waits, by destination, the longest list first.</summary>
    public Task<PageOf<QueueDestinationView>> DestinationsAsync(CancellationToken ct, long? tenantId = null) =>
        api.GetAsync<PageOf<QueueDestinationView>>(ApiClient.Query("/v1/queue/destinations", null, ("tenantId", tenantId)), ct);

    /// <summary>How much a filter matches.</summary>
    public Task<QueueCount> CountAsync(QueueQuery? query, string? search, CancellationToken ct) =>
        api.GetAsync<QueueCount>(
            ApiClient.Query(
                "/v1/queue/count", null, ("q", search), ("state", query?.State), ("destination", query?.Destination), ("tenantId", query?.TenantId)), ct);

    /// <summary>One action on everything that a filter matches.</summary>
    public Task<QueueChanged> ChangeAsync(ChangeQueue body, CancellationToken ct) => api.PostAsync<QueueChanged>("/v1/queue/actions", body, ct);

    public Task<QueueMessageView> GetAsync(long id, CancellationToken ct) => api.GetAsync<QueueMessageView>($"/v1/queue/{id}", ct);

    public Task<QueueMessageView> HoldAsync(long id, CancellationToken ct) => api.PostAsync<QueueMessageView>($"/v1/queue/{id}/hold", null, ct);

    public Task<QueueMessageView> ReleaseAsync(long id, CancellationToken ct) =>
        api.PostAsync<QueueMessageView>($"/v1/queue/{id}/release", null, ct);

    /// <summary>Tries again now.</summary>
    public Task<QueueMessageView> RetryAsync(long id, CancellationToken ct) => api.PostAsync<QueueMessageView>($"/v1/queue/{id}/retry", null, ct);

    /// <summary>Gives up: the sender gets a bounce.</summary>
    public Task<QueueMessageView> BounceAsync(long id, CancellationToken ct) =>
        api.PostAsync<QueueMessageView>($"/v1/queue/{id}/bounce", null, ct);

    /// <summary>Throws it away; nobody is told.</summary>
    public Task DeleteAsync(long id, CancellationToken ct) => api.DeleteAsync($"/v1/queue/{id}", null, ct);
}
