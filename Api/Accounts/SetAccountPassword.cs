using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class SetAccountPassword
{
    public static async Task<IResult> HandleAsync(
        long id, SetPassword body, HttpContext context, AccountService accounts, CancellationToken ct) =>
        context.Done(await accounts.SetPasswordAsync(new AccountId(id), body.Password, ct));
}
