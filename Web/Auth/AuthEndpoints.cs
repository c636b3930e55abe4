using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace SaaS.Web.Auth;

internal static class AuthEndpoints
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", (string? returnUrl) => Results.Challenge(
            new AuthenticationProperties { RedirectUri = Local(returnUrl) }, [OpenIdConnectDefaults.AuthenticationScheme]));

        // A form post, so that no link or image of another site can sign the user out.
        routes.MapPost("/sign-out", (HttpContext context) =>
        {
            if (context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site")
            {
                return Results.BadRequest();
            }

            return Results.SignOut(
                new AuthenticationProperties { RedirectUri = "/" },
                [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]);
        }).DisableAntiforgery();

        routes.MapGet("/sign-in-failed", () => Results.Text(
            "Sign-in did not work. Go back to / and try again; if it keeps failing, ask your administrator.",
            statusCode: StatusCodes.Status401Unauthorized));
    }

    /// <summary>
    /// Only a path on this host: an absolute address would make us an open redirect. Browsers leave out tabs and line ends, so that
    /// <c>/&lt;tab&gt;/host</c> is an address too.
    /// </summary>
    internal static string Local(string? url) =>
        url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) && !url.Any(char.IsControl)
            ? url
            : "/";
}
