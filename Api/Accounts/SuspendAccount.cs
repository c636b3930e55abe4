using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class SuspendAccount
{
    public static async Task<IResult> HandleAsync(
        long id, SetSuspended body, HttpContext context, AccountService accounts, CancellationToken ct)
    {
        var changed = await accounts.SetSuspendedAsync(new AccountId(id), body.Suspended, ct);
        return changed.Ok ? AccountMapping.Answer(context, await accounts.GetAsync(new AccountId(id), ct)) : context.Refused(changed.Refusal);
    }
}
