using Microsoft.AspNetCore.Authentication;
using OpenIddict.Server.AspNetCore;

namespace SaaS.Api.Identity;

/// <summary>/connect/logout (OpenID Connect RP-Initiated Logout): ends the sign-in session; OpenIddict has checked where to go next.</summary>
internal static class SignOut
{
    public static async Task<IResult> HandleAsync(HttpContext context)
    {
        await context.SignOutAsync(OAuthNames.SessionScheme);
        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
