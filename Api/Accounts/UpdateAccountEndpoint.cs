using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class UpdateAccountEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateAccount body, HttpContext context, AccountService accounts, CancellationToken ct)
    {
        var change = new AccountChange(
            body.DisplayName, body.QuotaBytes, AccountMapping.ToRoles(body.Roles), body.ForwardTo, body.KeepForwarded);
        var changed = await accounts.UpdateAsync(new AccountId(id), change, context.IfMatch(), ct);
        return changed.Ok ? AccountMapping.Answer(context, await accounts.GetAsync(new AccountId(id), ct)) : context.Refused(changed.Refusal);
    }
}
