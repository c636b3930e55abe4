using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Settings;
using SaaS.Domain.Settings;

namespace SaaS.Api.Settings;

internal static class SetSettingEndpoint
{
    public static async Task<IResult> HandleAsync(
        Word<SettingScope> scope, long ownerId, string key, SetSetting body, HttpContext context, SettingsService settings, CancellationToken ct)
    {
        var set = await settings.SetAsync((SettingLevel)scope.Value, ownerId, key, body.Value, ct);
        return set.Ok ? Results.Json(SettingMapping.ToView(set.Value), ApiJson.Options) : context.Refused(set.Refusal);
    }
}
