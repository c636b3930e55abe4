using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

internal static class GetAccount
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, AccountService accounts, CancellationToken ct) =>
        AccountMapping.Answer(context, await accounts.GetAsync(new AccountId(id), ct));
}
