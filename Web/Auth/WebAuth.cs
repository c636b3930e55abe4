using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace SaaS.Web.Auth;

/// <summary>Sign-in by authorization code + PKCE against Api; the browser gets one cookie and never a token.</summary>
public static class WebAuth
{
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(14);

    public const string TenantAdmin = "tenant_admin";
    public const string ResellerAdmin = "reseller_admin";
    public const string Operator = "operator";

    /// <summary>Whoever administers something; Api decides over what.</summary>
    public const string AnyAdmin = "any_admin";

    public static IServiceCollection AddWebAuth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ApiOptions>().Bind(configuration.GetSection("Api")).ValidateDataAnnotations().ValidateOnStart();
        var folder = new SessionFolder(configuration["Data:Path"] is { Length: > 0 } path ? path : ".data");
        services.AddSingleton(folder);
        services.AddDataProtection().SetApplicationName("SaaS.Web").PersistKeysToFileSystem(new DirectoryInfo(folder.Keys));
        services.AddHttpContextAccessor();
        services.AddSingleton<SessionFiles>();
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<IssuerPerHost>();
        services.AddHostedService<SessionSweep>();
        services.AddScoped<ApiAccess>();
        services.AddCascadingAuthenticationState();

        services
            .AddAuthentication(o =>
            {
                o.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                o.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            })
            .AddCookie()
            .AddOpenIdConnect();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<SessionFiles>((o, store) =>
            {
                o.SessionStore = store;
                o.Cookie.Name = "mail_session";
                o.Cookie.SameSite = SameSiteMode.Lax;
                o.Cookie.HttpOnly = true;
                o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                o.ExpireTimeSpan = SessionLifetime;
                o.SlidingExpiration = true;
            });
        services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme)
            .Configure<IssuerPerHost, IHttpContextAccessor, IOptions<ApiOptions>>(Configure);
        services.AddAuthorizationBuilder()
            .AddPolicy(TenantAdmin, p => p.RequireClaim("role", TenantAdmin))
            .AddPolicy(ResellerAdmin, p => p.RequireClaim("role", ResellerAdmin))
            .AddPolicy(Operator, p => p.RequireClaim("role", Operator))
            .AddPolicy(AnyAdmin, p => p.RequireClaim("role", TenantAdmin, ResellerAdmin, Operator));
        return services;
    }

    /// <summary>Registers a typed client of Api that calls in the name of the signed-in user.</summary>
    public static IServiceCollection AddApiClient<TClient>(this IServiceCollection services, Func<HttpClient, TClient> make)
        where TClient : class =>
        services.AddScoped(sp => make(sp.GetRequiredService<ApiAccess>().Http));

    private static void Configure(
        OpenIdConnectOptions o, IssuerPerHost issuers, IHttpContextAccessor contexts, IOptions<ApiOptions> api)
    {
        o.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        o.ConfigurationManager = issuers;
        o.BackchannelHttpHandler = new BackChannel(contexts);
        o.ClientId = api.Value.ClientId;
        o.ClientSecret = api.Value.ClientSecret;
        o.RequireHttpsMetadata = false; // the back channel is inside; the public side follows the host's own scheme
        o.ResponseType = OpenIdConnectResponseType.Code;
        o.ResponseMode = OpenIdConnectResponseMode.Query;
        o.UsePkce = true;
        o.SaveTokens = true;
        o.MapInboundClaims = false;
        o.GetClaimsFromUserInfoEndpoint = false;
        o.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
        o.TokenValidationParameters.NameClaimType = "name";
        o.TokenValidationParameters.RoleClaimType = "role";
        o.NonceCookie.SameSite = SameSiteMode.Lax;
        o.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        o.CorrelationCookie.SameSite = SameSiteMode.Lax;
        o.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        o.Scope.Clear();
        foreach (var scope in (string[])["openid", "profile", "email", "offline_access", "mail.read", "mail.send", "admin"])
        {
            o.Scope.Add(scope);
        }

        o.Events.OnRedirectToIdentityProvider = context =>
        {
            // A script or a socket that lost its session gets 401, not a sign-in page it cannot show.
            if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                && !HttpMethods.IsPost(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.HandleResponse();
            }

            return Task.CompletedTask;
        };
        o.Events.OnRemoteFailure = context =>
        {
            var log = context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("SaaS.Web.Auth");
            AuthLog.SignInFailed(log, context.Failure);
            context.Response.Redirect("/sign-in-failed");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }
}
