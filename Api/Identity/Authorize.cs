using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>/connect/authorize: sends a code to the client of somebody who is signed in here and, for clients of others, has agreed.</summary>
internal static class Authorize
{
    public const string Path = "/connect/authorize";

    /// <summary>Our own parameter: the user was asked and said no. Whoever sets it only refuses themselves.</summary>
    public const string Refused = "consent_refused";

    public static async Task<IResult> HandleAsync(
        HttpContext context, TokenCheck tokens, IOpenIddictApplicationManager applications, IOpenIddictAuthorizationManager authorizations,
        TimeProvider clock)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } fault)
        {
            return await MessageView.FaultAsync(context, fault);
        }

        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an authorization request.");
        var session = await context.AuthenticateAsync(OAuthNames.SessionScheme);
        var user = await tokens.UserOfAsync(session.Principal, fresh: true, context.RequestAborted);
        var stale = request.HasPromptValue(PromptValues.Login)
            || (request.MaxAge is { } age && session.Properties?.IssuedUtc is { } at && clock.GetUtcNow() - at > TimeSpan.FromSeconds(age));
        if (user is null || stale)
        {
            return request.HasPromptValue(PromptValues.None)
                ? Token.Deny(Errors.LoginRequired, "Nobody is signed in.")
                : Results.Redirect(QueryHelpers.AddQueryString(
                    SignIn.Path, "returnUrl", ReturnUrl(request)));
        }

        var ours = request.ClientId == OAuthNames.Webmail;
        var principal = Principals.OfUser(user, request.GetScopes(), ours ? TokenCheck.SessionOf(session.Principal!) : null);
        if (ours)
        {
            return Results.SignIn(principal, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        }

        var application = await applications.FindByClientIdAsync(request.ClientId!, context.RequestAborted)
            ?? throw new InvalidOperationException("The client went away.");
        var agreed = await FindAgreementAsync(
            authorizations, user, (await applications.GetIdAsync(application, context.RequestAborted))!, principal.GetScopes(), context.RequestAborted);
        if (agreed is null && request.HasParameter(Refused))
        {
            return Token.Deny(Errors.AccessDenied, "The user refused.");
        }

        if (agreed is null)
        {
            return request.HasPromptValue(PromptValues.None)
                ? Token.Deny(Errors.ConsentRequired, "The user has not agreed yet.")
                : Results.Redirect(QueryHelpers.AddQueryString(Consent.Path, "returnUrl", ReturnUrl(request)));
        }

        principal.SetAuthorizationId(await authorizations.GetIdAsync(agreed, context.RequestAborted));
        return Results.SignIn(principal, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    public static async Task<object?> FindAgreementAsync(
        IOpenIddictAuthorizationManager authorizations, UserFacts user, string applicationId, ImmutableArray<string> scopes, CancellationToken ct)
    {
        await foreach (var found in authorizations.FindAsync(
            user.Id.ToString(CultureInfo.InvariantCulture), applicationId, Statuses.Valid, AuthorizationTypes.Permanent, scopes, ct))
        {
            return found;
        }

        return null;
    }

    // The request again, without the prompt that has been followed.
    private static string ReturnUrl(OpenIddictRequest request) => QueryHelpers.AddQueryString(
        Path,
        request.GetParameters().Where(p => p.Key != Parameters.Prompt && p.Key != Parameters.MaxAge)
            .Select(p => KeyValuePair.Create(p.Key, (string?)p.Value.ToString())));
}
