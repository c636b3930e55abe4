using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using OpenIddict.Abstractions;
using SaaS.Api.Identity;
using SaaS.Domain.Common;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Hosting;

/// <summary>
/// Says, once and before anything else runs, who acts: the one place where a token becomes a <see cref="Caller"/>. The token names the user;
/// what the user may do is read anew (<see cref="TokenCheck"/>), so that a role taken away or a new password counts within seconds.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next)
{
    // Sees nothing: what a signed-in user without a mailbox and without scope admin may reach.
    private static readonly CallerScope Nothing = new CallerScope.OfAccount(default, default);

    public async Task InvokeAsync(HttpContext context, Caller caller, CurrentUser current, TokenCheck tokens, ServiceClients clients)
    {
        caller.Address = context.Connection.RemoteIpAddress;
        if (context.User is { Identity.IsAuthenticated: true } principal && !await SetAsync(principal, caller, current, tokens, clients, context.RequestAborted))
        {
            // A token that has ended: 401, so that the client signs in again. The policies would take the token for good and answer 403.
            if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                return;
            }

            context.User = new ClaimsPrincipal(new ClaimsIdentity());
            caller.Scope = Nothing;
        }

        await next(context);
    }

    private static async Task<bool> SetAsync(
        ClaimsPrincipal principal, Caller caller, CurrentUser current, TokenCheck tokens, ServiceClients clients, CancellationToken ct)
    {
        var scopes = principal.GetScopes().ToHashSet(StringComparer.Ordinal);
        current.ClientId = principal.GetClaim(Claims.ClientId) ?? "";
        current.Scopes = scopes;
        if (!long.TryParse(principal.GetClaim(Claims.Subject), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            var owner = await clients.OwnerOfAsync(current.ClientId, ct);
            if (owner is null)
            {
                return false;
            }

            current.SignedIn = true;
            current.Login = caller.Name = current.ClientId;
            (current.Tenant, current.Reseller) = (owner.Tenant, owner.Reseller);
            current.AdminScope = scopes.Contains(OAuthNames.Admin) ? ServiceClients.ScopeOf(owner) : null;
            caller.Scope = current.AdminScope ?? Nothing;
            return true;
        }

        if (await tokens.UserOfAsync(principal, fresh: false, ct) is not { } user)
        {
            return false;
        }

        current.SignedIn = true;
        (current.UserId, current.Login, current.Session) = (user.Id, user.Login, TokenCheck.SessionOf(principal));
        (current.Account, current.Tenant, current.Reseller) = (user.Account, user.Tenant, user.Reseller);
        current.AdminScope = scopes.Contains(OAuthNames.Admin) ? user.AdminScope : null;
        (caller.UserId, caller.Name) = (user.Id, user.Login);
        caller.Scope = current.AdminScope
            ?? (user is { Account: { } account, Tenant: { } tenant } ? new CallerScope.OfAccount(account, tenant) : Nothing);
        return true;
    }
}
