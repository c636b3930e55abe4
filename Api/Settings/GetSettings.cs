using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Settings;
using SaaS.Domain.Settings;

namespace SaaS.Api.Settings;

internal static class GetSettings
{
    public static async Task<IResult> HandleAsync(
        Word<SettingScope> scope, long ownerId, HttpContext context, SettingsService settings, CancellationToken ct)
    {
        var found = await settings.GetAsync((SettingLevel)scope.Value, ownerId, ct);
        return found.Ok
            ? Results.Json(new EffectiveSettings(scope.Value, ownerId, [.. found.Value.Select(SettingMapping.ToView)]), ApiJson.Options)
            : context.Refused(found.Refusal);
    }
}
