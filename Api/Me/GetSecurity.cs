using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class GetSecurity
{
    public static async Task<IResult> HandleAsync(
        CurrentUser user, SecondFactors factors, Passkeys passkeys, SignInPolicy policy, UserDirectory users, CancellationToken ct)
    {
        var id = user.UserId!.Value;
        var state = await factors.StateAsync(id, ct);
        var keys = await passkeys.ListAsync(id);
        var facts = await users.ReadAsync(id, ct);
        return Results.Json(
            new SecurityView(
                state.Totp, state.CodesLeft,
                [.. keys.OrderBy(x => x.CreatedAt).Select(x => new PasskeyView(Passkeys.IdOf(x), x.Name ?? "Passkey", x.CreatedAt, x.IsBackedUp))],
                facts is not null && await policy.NeedsSecondFactorAsync(facts, ct)),
            ApiJson.Options);
    }
}
