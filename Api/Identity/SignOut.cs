using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using SaaS.Api.Identity.Pages;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>
/// /connect/logout (OpenID Connect RP-Initiated Logout): ends the sign-in session; OpenIddict has checked where to go next. Without an id token of
/// the very user, any page could sign people out: then they are asked (§2 of the specification).
/// </summary>
internal static class SignOut
{
    public static async Task<IResult> HandleAsync(HttpContext context, TokenCheck tokens, UserSessions sessions, IAntiforgery antiforgery)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } fault)
        {
            return await MessageView.FaultAsync(context, fault);
        }

        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an end-session request.");
        var session = await context.AuthenticateAsync(OAuthNames.SessionScheme);
        var user = await tokens.UserOfAsync(session.Principal, fresh: true, context.RequestAborted);
        if (user is not null && !await IsOfAsync(context, session) && !await IsAnswerAsync(context, antiforgery))
        {
            return new RazorComponentResult<SignOutPage>(new
            {
                View = await PageView.OfAsync(context, null, request.PostLogoutRedirectUri),
                user.Login,
                Parameters = (IReadOnlyDictionary<string, string>)request.GetParameters()
                    .Where(p => p.Key is Parameters.PostLogoutRedirectUri or Parameters.State or Parameters.ClientId)
                    .ToDictionary(p => p.Key, p => p.Value.ToString() ?? "", StringComparer.Ordinal),
            });
        }

        if (user is not null && TokenCheck.SessionOf(session.Principal!) is { } id)
        {
            await sessions.EndAsync(user.Id, id, context.RequestAborted);
        }

        await context.SignOutAsync(OAuthNames.SessionScheme);
        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }

    /// <summary>The id_token_hint names the user of this session.</summary>
    private static async Task<bool> IsOfAsync(HttpContext context, AuthenticateResult session)
    {
        var hint = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        return hint.Principal?.GetClaim(Claims.Subject) is { } subject && subject == session.Principal?.GetClaim(Claims.Subject);
    }

    private static async Task<bool> IsAnswerAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType && await antiforgery.IsRequestValidAsync(context);
}
