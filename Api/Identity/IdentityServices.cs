using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using OpenIddict.Validation.AspNetCore;
using SaaS.Domain;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SaaS.Api.Identity;

internal static class IdentityServices
{
    /// <summary>The token server (OAuth 2, OpenID Connect), its sign-in session, and the check of bearer tokens.</summary>
    public static IServiceCollection AddIdentityServer(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddDataProtection().SetApplicationName("Postyard.Api");
        services.AddSingleton<TokenCheck>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<SignInSteps>();
        services.AddIdentityCore<SaaS.Domain.Accounts.AppUser>(o => o.User.AllowedUserNameCharacters = "").AddEntityFrameworkStores<MailDbContext>();
        services.Configure<Microsoft.AspNetCore.Identity.IdentityPasskeyOptions>(o =>
        {
            o.UserVerificationRequirement = "required"; // it stands for both factors
            o.ResidentKeyRequirement = "required"; // found without typing an address
            // Our own check, since the built-in one wants the Origin header: a call by Web has none, and a form of a page without referrer says null.
            o.ValidateOrigin = c => ValueTask.FromResult(
                !c.CrossOrigin && string.Equals(c.Origin, $"{c.HttpContext.Request.Scheme}://{c.HttpContext.Request.Host}", StringComparison.OrdinalIgnoreCase));
        });
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(p => p.GetRequiredService<KeyRing>());
        services.AddSingleton<OpenIddictKeys>();
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(p => p.GetRequiredService<OpenIddictKeys>());
        services.AddSingleton<KeyRotation>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(p => p.GetRequiredService<KeyRotation>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddict.Validation.OpenIddictValidationOptions>>(p => p.GetRequiredService<KeyRotation>());
        services.AddHostedService(p => p.GetRequiredService<KeyRotation>());
        services.AddHostedService<Registrations>();

        services.AddAuthentication(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme)
            .AddCookie(OAuthNames.SessionScheme, o =>
            {
                o.Cookie.Name = "postyard.session";
                o.Cookie.Path = "/connect";
                o.Cookie.HttpOnly = true;
                o.Cookie.SameSite = SameSiteMode.Lax;
                o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                o.ExpireTimeSpan = TimeSpan.FromHours(12);
                o.SlidingExpiration = true;
            });
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "postyard.form";
            o.Cookie.Path = "/connect";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.FormFieldName = "form";
            o.SuppressXFrameOptionsHeader = true; // our own headers say it
        });

        services.AddOpenIddict()
            .AddCore(o =>
            {
                o.UseEntityFrameworkCore().UseDbContext<MailDbContext>();
                o.ReplaceApplicationManager<OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication, Applications>();
            })
            .AddServer(o =>
            {
                o.SetAuthorizationEndpointUris("connect/authorize")
                    .SetTokenEndpointUris("connect/token")
                    .SetIntrospectionEndpointUris("connect/introspect")
                    .SetRevocationEndpointUris("connect/revoke")
                    .SetEndSessionEndpointUris("connect/logout")
                    .SetUserInfoEndpointUris("connect/userinfo");
                o.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow();
                o.RequireProofKeyForCodeExchange();
                o.RegisterScopes(
                    Scopes.OpenId, Scopes.Profile, Scopes.Email, Scopes.OfflineAccess, OAuthNames.MailRead, OAuthNames.MailSend, OAuthNames.Admin);
                o.RegisterClaims(Claims.Role, Claims.Name, Claims.PreferredUsername, Claims.Email, OAuthNames.AccountId, OAuthNames.TenantId,
                    OAuthNames.ResellerId);
                o.SetAccessTokenLifetime(TimeSpan.FromMinutes(15));
                o.SetRefreshTokenLifetime(TimeSpan.FromDays(30));
                o.SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(2));

                // Signed and readable: resource servers of integrators check them by the published keys.
                o.DisableAccessTokenEncryption();
                o.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .EnableErrorPassthrough() // people see a page, clients their redirect
                    .DisableTransportSecurityRequirement(); // TLS ends in front of us; the issuer is the public origin
            })
            .AddValidation(o =>
            {
                o.UseLocalServer();
                o.UseAspNetCore();
            });
        return services;
    }
}
