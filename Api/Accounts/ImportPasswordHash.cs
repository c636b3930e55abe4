using SaaS.Api.Hosting;
using SaaS.Client.Accounts;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class ImportPasswordHash
{
    public static async Task<IResult> HandleAsync(long id, SetPasswordHash body, HttpContext context, AccountService accounts, CancellationToken ct) =>
        context.Done(await accounts.ImportHashAsync(new AccountId(id), body.PasswordHash, ct));
}
