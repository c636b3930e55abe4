using System.Net;
using SaaS.Api.Hosting;
using SaaS.Client.AppPasswords;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Api.AppPasswords;

/// <summary>POST /v1/me/app-passwords. Asks for the account's own password: a program that was given a token for a while shall not make itself
/// a way in for good.</summary>
internal static class CreateAppPasswordEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateAppPassword body, HttpContext context, CurrentUser user, PasswordAuthenticator authenticator, AppPasswordService passwords, CancellationToken ct)
    {
        if (user.Account is not { } account)
        {
            return context.Refused(Refusal.Invalid("current", "There is no mailbox."));
        }

        var right = await authenticator.SignInAsync(user.Login, body.Current ?? "", context.Connection.RemoteIpAddress ?? IPAddress.None, ct);
        if (!right.Ok)
        {
            return context.Refused(right.Refusal.Reason == RefusalReason.Forbidden
                ? Refusal.Invalid("current", "This is not the current password.")
                : right.Refusal);
        }

        var made = await passwords.CreateAsync(account, body.Label, AppPasswordMapping.Parse(body.Protocols), body.ExpiresAt, ct);
        return made.Ok
            ? context.Made(
                $"/v1/me/app-passwords/{made.Value.Entry.Id}",
                new AppPasswordCreated(AppPasswordMapping.ToView(made.Value.Entry), made.Value.Password), "1")
            : context.Refused(made.Refusal);
    }
}
