using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Accounts;

/// <summary>For somebody who lost the device and the recovery codes: an administrator takes the second factor away.</summary>
internal static class ResetSecondFactor
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, AccountService accounts, CancellationToken ct) =>
        context.Done(await accounts.ResetSecondFactorAsync(new AccountId(id), ct));
}
