using System.Text.Json;
using SaaS.Client.Http;

namespace SaaS.Client.Me;

public sealed class MeClient(ApiClient api)
{
    public Task<MeView> GetAsync(CancellationToken ct) => api.GetAsync<MeView>("/v1/me", ct);

    public Task<MeView> UpdateAsync(UpdateMe body, CancellationToken ct) => api.PatchAsync<MeView>("/v1/me", body, null, ct);

    /// <summary>Every preference as it holds for the own account: "webmail.undoSeconds": 8.</summary>
    public Task<IReadOnlyDictionary<string, JsonElement>> PreferencesAsync(CancellationToken ct) =>
        api.GetAsync<IReadOnlyDictionary<string, JsonElement>>("/v1/me/preferences", ct);

    /// <summary>Sets some; null takes the own value away, so that what the organisation chose shows through.</summary>
    public Task<IReadOnlyDictionary<string, JsonElement>> SetPreferencesAsync(IReadOnlyDictionary<string, object?> changes, CancellationToken ct) =>
        api.PatchAsync<IReadOnlyDictionary<string, JsonElement>>("/v1/me/preferences", changes, null, ct);

    public Task ChangePasswordAsync(ChangePassword body, CancellationToken ct) => api.PostAsync("/v1/me/password", body, ct);
}
