using Microsoft.AspNetCore.Authorization;
using SaaS.Api.Identity;
using SaaS.Domain.Common;

namespace SaaS.Api.Hosting;

/// <summary>Who may call an endpoint at all; what they may see is the caller's scope. Every endpoint names one, or AllowAnonymous.</summary>
internal static class Policies
{
    /// <summary>Scope admin and the operator role.</summary>
    public const string Operator = "operator";

    /// <summary>Scope admin and a role of reseller or wider.</summary>
    public const string Reseller = "reseller";

    /// <summary>Scope admin and any role.</summary>
    public const string Admin = "admin";

    /// <summary>Any valid token of a user.</summary>
    public const string User = "user";

    /// <summary>A user's token of our own web client: how somebody signs in is no business of other clients.</summary>
    public const string Self = "self";

    /// <summary>Scope mail.read and a mailbox.</summary>
    public const string MailRead = "mail.read";

    /// <summary>Scope mail.send and a mailbox.</summary>
    public const string MailSend = "mail.send";

    public static IServiceCollection AddPolicies(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddPolicy(Operator, p => Require(p, u => u.AdminScope is CallerScope.Operator))
            .AddPolicy(Reseller, p => Require(p, u => u.AdminScope is CallerScope.Operator or CallerScope.OfReseller))
            .AddPolicy(Admin, p => Require(p, u => u.AdminScope is not null))
            .AddPolicy(User, p => Require(p, u => u.UserId is not null))
            .AddPolicy(Self, p => Require(p, u => u.UserId is not null && u.ClientId == OAuthNames.Webmail))
            .AddPolicy(MailRead, p => Require(p, u => u.Account is not null && u.Scopes.Contains(OAuthNames.MailRead)))
            .AddPolicy(MailSend, p => Require(p, u => u.Account is not null && u.Scopes.Contains(OAuthNames.MailSend)))
            // An endpoint that names no policy is closed; a path without endpoint is simply not there (404), and routing's own say 405 and 415.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder()
                .RequireAssertion(c => c.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
        return services;
    }

    private static void Require(AuthorizationPolicyBuilder policy, Func<CurrentUser, bool> allowed) => policy
        .RequireAuthenticatedUser()
        .RequireAssertion(c => c.Resource is HttpContext http && allowed(http.RequestServices.GetRequiredService<CurrentUser>()));
}
