using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class DeleteAccount
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, AccountService accounts, CancellationToken ct) =>
        context.Done(await accounts.DeleteAsync(new AccountId(id), context.IfMatch(), ct));
}
