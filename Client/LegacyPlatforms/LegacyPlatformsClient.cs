using SaaS.Client.Http;

namespace SaaS.Client.LegacyPlatforms;

public sealed class LegacyPlatformsClient(ApiClient api)
{
    /// <summary>With a tenant: those that its accounts can be on.</summary>
    public Task<PageOf<LegacyPlatformView>> ListAsync(PageQuery? page, CancellationToken ct, long? tenantId = null) =>
        api.GetAsync<PageOf<LegacyPlatformView>>(ApiClient.Query("/v1/legacy-platforms", page, ("tenantId", tenantId)), ct);

    public Task<LegacyPlatformView> GetAsync(long id, CancellationToken ct) => api.GetAsync<LegacyPlatformView>($"/v1/legacy-platforms/{id}", ct);

    public Task<LegacyPlatformView> CreateAsync(CreateLegacyPlatform body, CancellationToken ct, string? idempotencyKey = null) =>
        api.CreateAsync<LegacyPlatformView>("/v1/legacy-platforms", body, idempotencyKey, ct);

    public Task<LegacyPlatformView> UpdateAsync(long id, UpdateLegacyPlatform body, string? version, CancellationToken ct) =>
        api.PatchAsync<LegacyPlatformView>($"/v1/legacy-platforms/{id}", body, version, ct);

    /// <summary>Refused while an account is at home there.</summary>
    public Task DeleteAsync(long id, string? version, CancellationToken ct) => api.DeleteAsync($"/v1/legacy-platforms/{id}", version, ct);

    /// <summary>Safe to repeat.</summary>
    public Task<HomesMovedView> MoveAsync(long id, MoveHomes body, CancellationToken ct) =>
        api.PostAsync<HomesMovedView>($"/v1/legacy-platforms/{id}/accounts", body, ct);
}
