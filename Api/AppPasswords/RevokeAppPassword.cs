using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.AppPasswords;

internal static class RevokeAppPassword
{
    public static async Task<IResult> OwnAsync(long id, HttpContext context, CurrentUser user, AppPasswordService passwords, CancellationToken ct) =>
        user.Account is { } account
            ? context.Done(await passwords.RevokeAsync(account, id, ct))
            : context.Refused(Refusal.NotFound("app password"));

    public static async Task<IResult> OfAsync(long id, long entry, HttpContext context, AppPasswordService passwords, CancellationToken ct) =>
        context.Done(await passwords.RevokeAsync(new AccountId(id), entry, ct));
}
