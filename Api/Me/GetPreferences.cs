using System.Text.Json;
using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Domain.Settings;

namespace SaaS.Api.Me;

internal static class GetPreferences
{
    /// <summary>Of a user without a mailbox: none.</summary>
    public static async Task<IResult> HandleAsync(CurrentUser user, PreferenceService preferences, CancellationToken ct) => Results.Json(
        user.Account is { } account ? await preferences.GetAsync(account, ct) : new Dictionary<string, JsonElement>(), ApiJson.Options);
}
