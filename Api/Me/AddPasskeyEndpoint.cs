using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class AddPasskeyEndpoint
{
    public static async Task<IResult> HandleAsync(
        AddPasskey body, HttpContext context, CurrentUser user, Passkeys passkeys, SecondFactors factors, SignInPolicy policy, UserDirectory users,
        CancellationToken ct)
    {
        var owner = (await users.ReadAsync(user.UserId!.Value, ct))!;
        return await passkeys.AddAsync(context, owner, body.Name ?? "", body.Credential ?? "", body.State ?? "") is { } no
            ? context.Refused(no)
            : await GetSecurity.HandleAsync(user, factors, passkeys, policy, users, ct);
    }
}
