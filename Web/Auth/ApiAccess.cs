using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;

namespace SaaS.Web.Auth;

/// <summary>
/// The way from one circuit (or request) to Api: an HttpClient that carries the user's token and the public host.
/// </summary>
public sealed class ApiAccess : IDisposable
{
    private static readonly SocketsHttpHandler Shared = new()
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = DecompressionMethods.All,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    };

    private readonly IServiceProvider _services;

    public ApiAccess(IServiceProvider services, IOptions<ApiOptions> api)
    {
        _services = services;
        Http = new HttpClient(new Bearer(this), disposeHandler: false) // its inner handler is shared by all circuits
        {
            BaseAddress = api.Value.BaseUrl,
            Timeout = Timeout.InfiniteTimeSpan, // event streams stay open; callers pass cancellation
        };
    }

    public HttpClient Http { get; }

    /// <summary>Raised when Api no longer accepts this session: the user has to sign in again.</summary>
    public event Action? SessionEnded;

    /// <summary>The origin the browser sees, for instance https://mail.example.</summary>
    public Uri Origin
    {
        get
        {
            if (_services.GetRequiredService<IHttpContextAccessor>().HttpContext is { } context)
            {
                return new Uri(PublicOrigin.Of(context.Request));
            }

            return new Uri(new Uri(_services.GetRequiredService<NavigationManager>().BaseUri).GetLeftPart(UriPartial.Authority));
        }
    }

    /// <summary>The sign-in session of the current user, or null.</summary>
    public async Task<string?> SessionAsync() => SessionTokens.SessionOf(await UserAsync());

    public void Dispose() => Http.Dispose();

    private async Task<ClaimsPrincipal?> UserAsync()
    {
        if (_services.GetRequiredService<IHttpContextAccessor>().HttpContext?.User is { Identity.IsAuthenticated: true } user)
        {
            return user;
        }

        return (await _services.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync()).User;
    }

    private sealed class Bearer(ApiAccess access) : DelegatingHandler(Shared)
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var origin = access.Origin;
            PublicOrigin.Apply(request, origin);
            if (await access.SessionAsync() is { } session)
            {
                var tokens = access._services.GetRequiredService<SessionTokens>();
                if (await tokens.AccessTokenAsync(session, origin, cancellationToken) is { } token)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                access.SessionEnded?.Invoke();
            }

            return response;
        }
    }
}
