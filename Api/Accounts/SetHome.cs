using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.Accounts;

internal static class SetHome
{
    public static async Task<IResult> HandleAsync(
        long id, SetAccountHome body, HttpContext context, LegacyHomes homes, AccountService accounts, CancellationToken ct)
    {
        var change = new HomeChange(body.AtLegacy, body.PlatformId is { } platform ? new LegacyPlatformId(platform) : null, body.UserName);
        var changed = await homes.SetAsync(new AccountId(id), change, ct);
        return changed.Ok ? AccountMapping.Answer(context, await accounts.GetAsync(new AccountId(id), ct)) : context.Refused(changed.Refusal);
    }
}
