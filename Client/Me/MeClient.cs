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

    public Task<SecurityView> GetSecurityAsync(CancellationToken ct) => api.GetAsync<SecurityView>("/v1/me/security", ct);

    /// <summary>A new secret for an authenticator; it counts once a code of it was confirmed.</summary>
    public Task<TotpStarted> StartTotpAsync(ProvePassword body, CancellationToken ct) => api.PostAsync<TotpStarted>("/v1/me/totp", body, ct);

    public Task<RecoveryCodes> ConfirmTotpAsync(ConfirmTotp body, CancellationToken ct) => api.PostAsync<RecoveryCodes>("/v1/me/totp/confirm", body, ct);

    public Task RemoveTotpAsync(ProvePassword body, CancellationToken ct) => api.PostAsync("/v1/me/totp/remove", body, ct);

    public Task<RecoveryCodes> NewCodesAsync(ProvePassword body, CancellationToken ct) => api.PostAsync<RecoveryCodes>("/v1/me/recovery-codes", body, ct);

    public Task<PasskeyStarted> StartPasskeyAsync(ProvePassword body, CancellationToken ct) => api.PostAsync<PasskeyStarted>("/v1/me/passkeys/options", body, ct);

    public Task<SecurityView> AddPasskeyAsync(AddPasskey body, CancellationToken ct) => api.PostAsync<SecurityView>("/v1/me/passkeys", body, ct);

    public Task RemovePasskeyAsync(string id, CancellationToken ct) => api.DeleteAsync($"/v1/me/passkeys/{Uri.EscapeDataString(id)}", null, ct);

    public Task<PageOf<SessionView>> ListSessionsAsync(CancellationToken ct) => api.GetAsync<PageOf<SessionView>>("/v1/me/sessions", ct);

    public Task EndSessionAsync(string id, CancellationToken ct) => api.DeleteAsync($"/v1/me/sessions/{Uri.EscapeDataString(id)}", null, ct);

    /// <summary>All but the one that asks.</summary>
    public Task EndOtherSessionsAsync(CancellationToken ct) => api.PostAsync("/v1/me/sessions/end-others", null, ct);
}
