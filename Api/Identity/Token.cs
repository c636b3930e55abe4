using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>POST /connect/token: code, refresh token or client credentials for an access token. OpenIddict has checked client, code and PKCE.</summary>
internal static class Token
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, TokenCheck tokens, UserSessions sessions, SignInPolicy policy, ServiceClients clients, IOpenIddictApplicationManager applications)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not a token request.");
        if (request.IsClientCredentialsGrantType())
        {
            return await OfClientAsync(request, clients, applications, context.RequestAborted);
        }

        var ticket = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

        // Read anew: who is suspended, has a new password or was signed out gets no new token.
        var user = await tokens.UserOfAsync(ticket.Principal, fresh: true, context.RequestAborted);
        var session = ticket.Principal is null ? null : TokenCheck.SessionOf(ticket.Principal);
        if (user is null || (session is { } open && !await policy.MayGoOnAsync(user, await sessions.TouchAsync(open, context.RequestAborted), context.RequestAborted)))
        {
            return Deny(Errors.InvalidGrant, "The sign-in has ended.");
        }

        var principal = Principals.OfUser(user, ticket.Principal!.GetScopes(), session);
        principal.SetAuthorizationId(ticket.Principal!.GetAuthorizationId());
        return Results.SignIn(principal, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<IResult> OfClientAsync(
        OpenIddictRequest request, ServiceClients clients, IOpenIddictApplicationManager applications, CancellationToken ct)
    {
        var clientId = request.ClientId ?? "";
        if (await clients.OwnerOfAsync(clientId, ct) is not { } owner || await applications.FindByClientIdAsync(clientId, ct) is not { } application)
        {
            return Deny(Errors.UnauthorizedClient, "This client cannot act by itself.");
        }

        var name = await applications.GetDisplayNameAsync(application, ct) ?? clientId;
        return Results.SignIn(
            Principals.OfClient(clientId, name, owner, request.GetScopes()), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    internal static IResult Deny(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
