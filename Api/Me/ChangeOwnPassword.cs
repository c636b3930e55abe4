using SaaS.Api.Hosting;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class ChangeOwnPassword
{
    public static async Task<IResult> HandleAsync(
        ChangePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, UserService users, CancellationToken ct) =>
        context.Done(await Proof.CheckAsync(context, user, passwords, body.Current, "current", ct)
            ?? await users.ChangeOwnPasswordAsync(user.UserId!.Value, body.Password, ct));
}
