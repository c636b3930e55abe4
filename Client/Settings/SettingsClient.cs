using System.Text.Json;
using SaaS.Client.Http;

namespace SaaS.Client.Settings;

/// <summary>Owner ids are 0 at platform level.</summary>
public sealed class SettingsClient(ApiClient api)
{
    public Task<EffectiveSettings> GetAsync(SettingScope scope, long ownerId, CancellationToken ct) =>
        api.GetAsync<EffectiveSettings>(Path(scope, ownerId), ct);

    public Task<SettingView> SetAsync(SettingScope scope, long ownerId, string key, JsonElement value, CancellationToken ct) =>
        api.PutAsync<SettingView>($"{Path(scope, ownerId)}/{key}", new SetSetting(value), null, ct);

    /// <summary>Takes the value of this place away, so that the wider one shows through.</summary>
    public Task ClearAsync(SettingScope scope, long ownerId, string key, CancellationToken ct) =>
        api.DeleteAsync($"{Path(scope, ownerId)}/{key}", null, ct);

    private static string Path(SettingScope scope, long ownerId) =>
        $"/v1/settings/{JsonNamingPolicy.CamelCase.ConvertName(scope.ToString())}/{ownerId}";
}
