using System.Text.Json;
using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Domain.Common;
using SaaS.Domain.Settings;

namespace SaaS.Api.Me;

internal static class SetPreferences
{
    public static async Task<IResult> HandleAsync(
        Dictionary<string, JsonElement> body, HttpContext context, CurrentUser user, PreferenceService preferences, CancellationToken ct)
    {
        var refusal = user.Account is { } account
            ? await preferences.SetAsync(account, body, ct)
            : Refusal.Invalid("account", "This user has no mailbox.");
        return refusal is null
            ? Results.Json(await preferences.GetAsync(user.Account!.Value, ct), ApiJson.Options)
            : context.Refused(refusal);
    }
}
