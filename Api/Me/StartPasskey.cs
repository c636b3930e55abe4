using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class StartPasskey
{
    public static async Task<IResult> HandleAsync(
        ProvePassword body, HttpContext context, CurrentUser user, PasswordAuthenticator passwords, Passkeys passkeys, UserDirectory users, CancellationToken ct)
    {
        if (await Proof.CheckAsync(context, user, passwords, body.Password, "password", ct) is { } no)
        {
            return context.Refused(no);
        }

        var asked = await passkeys.AskToMakeAsync(context, (await users.ReadAsync(user.UserId!.Value, ct))!);
        return Results.Json(new PasskeyStarted(asked.Options, asked.State), ApiJson.Options);
    }
}
