using SaaS.Client.Http;

namespace SaaS.Client.Moves;

/// <summary>Mailboxes that come from other platforms.</summary>
public sealed class MovesClient(ApiClient api)
{
    /// <summary>Newest first.</summary>
    public Task<PageOf<MoveView>> ListAsync(MoveQuery? query, PageQuery? page, CancellationToken ct) => api.GetAsync<PageOf<MoveView>>(
        ApiClient.Query(
            "/v1/moves", page, ("tenantId", query?.TenantId), ("accountId", query?.AccountId), ("batch", query?.Batch), ("state", query?.State)), ct);

    public Task<MoveDetail> GetAsync(long id, CancellationToken ct) => api.GetAsync<MoveDetail>($"/v1/moves/{id}", ct);

    public Task<PageOf<MoveDifferenceView>> DifferencesAsync(long id, PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<MoveDifferenceView>>(ApiClient.Query($"/v1/moves/{id}/differences", page), ct);

    public Task<MoveView> CreateAsync(CreateMove body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<MoveView>("/v1/moves", body, idempotencyKey, ct);

    public Task<MovesCreated> CreateManyAsync(CreateMoves body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<MovesCreated>("/v1/moves/bulk", body, idempotencyKey, ct);

    public Task<MoveView> CancelAsync(long id, CancellationToken ct) => api.PostAsync<MoveView>($"/v1/moves/{id}/cancel", null, ct);

    public Task<MoveView> RetryAsync(long id, RetryMove body, CancellationToken ct) => api.PostAsync<MoveView>($"/v1/moves/{id}/retry", body, ct);
}
