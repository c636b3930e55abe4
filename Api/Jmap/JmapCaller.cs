using System.Globalization;
using System.Security.Claims;
using OpenIddict.Abstractions;
using SaaS.Domain.Common;

namespace SaaS.Api.Jmap;

/// <summary>Whose token it is and what it is good for.</summary>
/// <param name="Account">The user's mailbox; null for one without (an operator).</param>
/// <param name="MayRead">Scope mail.read: everything about the own mailbox but sending.</param>
/// <param name="MaySend">Scope mail.send: submissions and identities.</param>
internal sealed record JmapCaller(AccountId? Account, string UserName, bool MayRead, bool MaySend, long UserId)
{
    public static JmapCaller Of(ClaimsPrincipal user)
    {
        AccountId? account = long.TryParse(user.FindFirstValue("account_id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new AccountId(id)
            : null;
        var name = user.FindFirstValue(OpenIddictConstants.Claims.PreferredUsername)
            ?? user.FindFirstValue(OpenIddictConstants.Claims.Name) ?? user.FindFirstValue(OpenIddictConstants.Claims.Subject) ?? "";
        _ = long.TryParse(user.FindFirstValue(OpenIddictConstants.Claims.Subject), NumberStyles.None, CultureInfo.InvariantCulture, out var userId);
        return new JmapCaller(account, name, HasScope(user, "mail.read"), HasScope(user, "mail.send"), userId);
    }

    private static bool HasScope(ClaimsPrincipal user, string scope) =>
        user.HasScope(scope)
        || user.FindAll(OpenIddictConstants.Claims.Scope).Any(c => c.Value.Split(' ').Contains(scope, StringComparer.Ordinal));
}
