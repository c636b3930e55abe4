using System.Net;
using SaaS.Api.Hosting;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Me;

internal static class ChangeOwnPassword
{
    public static async Task<IResult> HandleAsync(
        ChangePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, UserService users, CancellationToken ct)
    {
        var right = await passwords.SignInAsync(user.Login, body.Current, context.Connection.RemoteIpAddress ?? IPAddress.None, ct);
        if (!right.Ok)
        {
            return context.Refused(right.Refusal.Reason == RefusalReason.Forbidden
                ? Refusal.Invalid("current", "This is not the current password.")
                : right.Refusal);
        }

        return context.Done(await users.ChangeOwnPasswordAsync(user.UserId!.Value, body.Password, ct));
    }
}
