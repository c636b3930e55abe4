using SaaS.Api.Hosting;
using SaaS.Client.Settings;
using SaaS.Domain.Settings;

namespace SaaS.Api.Settings;

internal static class ClearSetting
{
    public static async Task<IResult> HandleAsync(
        Word<SettingScope> scope, long ownerId, string key, HttpContext context, SettingsService settings, CancellationToken ct) =>
        context.Done(await settings.ClearAsync((SettingLevel)scope.Value, ownerId, key, ct));
}
