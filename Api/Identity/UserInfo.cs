using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>GET /connect/userinfo (OpenID Connect Core §5.3).</summary>
internal static class UserInfo
{
    public static async Task<IResult> HandleAsync(HttpContext context)
    {
        var ticket = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (ticket.Principal is not { } user)
        {
            return Results.Challenge(null, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        var claims = new Dictionary<string, object?> { [Claims.Subject] = user.GetClaim(Claims.Subject) };
        foreach (var name in new[]
        {
            Claims.Name, Claims.PreferredUsername, Claims.Email, OAuthNames.AccountId, OAuthNames.TenantId, OAuthNames.ResellerId,
        })
        {
            if (user.GetClaim(name) is { } value)
            {
                claims[name] = value;
            }
        }

        claims[Claims.Role] = user.GetClaims(Claims.Role);
        return Results.Json(claims);
    }
}
