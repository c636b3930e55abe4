using System.Net;
using SaaS.Api.Hosting;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.Me;

/// <summary>The password again, before anything that changes how one signs in; throttled as sign-in is.</summary>
internal static class Proof
{
    public static async Task<Refusal?> CheckAsync(
        HttpContext context, CurrentUser user, PasswordAuthenticator passwords, string? password, string field, CancellationToken ct)
    {
        var right = await passwords.SignInAsync(user.Login, password ?? "", context.Connection.RemoteIpAddress ?? IPAddress.None, ct);
        return right.Refusal is not { } no ? null
            : no.Reason == RefusalReason.Forbidden ? Refusal.Invalid(field, "This is not the current password.")
            : no;
    }
}
