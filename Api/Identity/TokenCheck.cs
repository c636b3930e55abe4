using System.Globalization;
using System.Security.Claims;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>
/// Whether a token or session cookie of a user, itself in order, still counts: the user is active, has the password of that time, and the session it
/// follows from was not ended.
/// </summary>
internal sealed class TokenCheck(UserDirectory users)
{
    /// <param name="principal">Of a token or cookie that was checked.</param>
    /// <param name="fresh">Asks the database and no memory: for what lasts, a new token or a sign-in.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<UserFacts?> UserOfAsync(ClaimsPrincipal? principal, bool fresh, CancellationToken ct)
    {
        if (principal is null || !long.TryParse(principal.FindFirst(Claims.Subject)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        var user = fresh ? await users.ReadAsync(id, ct) : await users.FindAsync(id, ct);
        return user is { Active: true } && OAuthNames.StampOf(user.Stamp) == principal.FindFirst(OAuthNames.Stamp)?.Value
            && (SessionOf(principal) is not { } session || await users.UserOfSessionAsync(session, ct) == id)
                ? user
                : null;
    }

    /// <summary>The session that it follows from; null for clients of others, which have an authorization of their own.</summary>
    public static Guid? SessionOf(ClaimsPrincipal principal) =>
        Guid.TryParseExact(principal.FindFirst(OAuthNames.Session)?.Value, "N", out var session) ? session : null;
}
