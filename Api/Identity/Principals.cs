using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using OpenIddict.Abstractions;
using SaaS.Domain.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

/// <summary>What stands in the tokens of a user or of a service client.</summary>
internal static class Principals
{
    private const string Type = "postyard";

    /// <summary>Scopes that mean nothing for this user are left out: mail without a mailbox, admin without a role.</summary>
    public static ClaimsPrincipal OfUser(UserFacts user, IEnumerable<string> scopes, Guid? session = null)
    {
        var identity = new ClaimsIdentity(Type, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Id.ToString(CultureInfo.InvariantCulture))
            .SetClaim(Claims.Name, user.DisplayName)
            .SetClaim(Claims.PreferredUsername, user.Login)
            .SetClaim(Claims.Email, user.Login)
            .SetClaim(OAuthNames.Stamp, OAuthNames.StampOf(user.Stamp));
        if (session is { } sid)
        {
            identity.SetClaim(OAuthNames.Session, sid.ToString("N"));
        }

        if (user.Account is { } account)
        {
            identity.SetClaim(OAuthNames.AccountId, account.ToString());
        }

        if (user.Tenant is { } tenant)
        {
            identity.SetClaim(OAuthNames.TenantId, tenant.ToString());
        }

        if (user.Reseller is { } reseller)
        {
            identity.SetClaim(OAuthNames.ResellerId, reseller.ToString());
        }

        var roles = user.Roles.Select(OAuthNames.RoleName);
        identity.SetClaims(Claims.Role, [.. user.Account is null ? roles : roles.Append("user")]);
        identity.SetScopes(scopes.Where(s => s switch
        {
            OAuthNames.Admin => user.AdminScope is not null,
            OAuthNames.MailRead or OAuthNames.MailSend => user.Account is not null,
            _ => true,
        }));
        identity.SetResources(OAuthNames.Resource);
        identity.SetDestinations(Destinations);
        return new ClaimsPrincipal(identity);
    }

    /// <summary>A service client acts as its owner.</summary>
    public static ClaimsPrincipal OfClient(string clientId, string name, RoleOver owner, IEnumerable<string> scopes)
    {
        var identity = new ClaimsIdentity(Type, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, clientId).SetClaim(Claims.Name, name);
        if (owner.Tenant is { } tenant)
        {
            identity.SetClaim(OAuthNames.TenantId, tenant.ToString());
        }

        if (owner.Reseller is { } reseller)
        {
            identity.SetClaim(OAuthNames.ResellerId, reseller.ToString());
        }

        identity.SetClaims(Claims.Role, [OAuthNames.RoleName(owner.Role)]);
        identity.SetScopes(scopes);
        identity.SetResources(OAuthNames.Resource);
        identity.SetDestinations(Destinations);
        return new ClaimsPrincipal(identity);
    }

    private static ImmutableArray<string> Both { get; } = [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken];

    private static IEnumerable<string> Destinations(Claim claim) => claim.Type switch
    {
        OAuthNames.Stamp or OAuthNames.Session => [OpenIddictConstants.Destinations.AccessToken],
        _ => Both,
    };
}
