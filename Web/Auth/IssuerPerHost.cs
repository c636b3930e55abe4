using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace SaaS.Web.Auth;

/// <summary>
/// Every brand host is its own issuer, so the discovery document is read per public origin. It is read over the
/// back channel; the addresses a browser goes to stay public, those this process calls are turned to Api.
/// </summary>
internal sealed class IssuerPerHost(IHttpContextAccessor contexts, IOptions<ApiOptions> api, TimeProvider clock)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private readonly ConcurrentDictionary<string, Cached> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        var request = contexts.HttpContext?.Request ?? throw new InvalidOperationException("Sign-in needs a request.");
        return ForOriginAsync(PublicOrigin.Of(request), cancel);
    }

    public async Task<OpenIdConnectConfiguration> ForOriginAsync(string origin, CancellationToken cancel)
    {
        if (_known.TryGetValue(origin, out var cached) && cached.Until > clock.GetUtcNow())
        {
            return cached.Configuration;
        }

        var source = new Documents(_http, api.Value.BaseUrl, new Uri(origin));
        var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(
            new Uri(api.Value.BaseUrl, "/.well-known/openid-configuration").AbsoluteUri, source, cancel);
        configuration.TokenEndpoint = source.Internal(configuration.TokenEndpoint);
        configuration.UserInfoEndpoint = source.Internal(configuration.UserInfoEndpoint);
        if (_known.Count > 10_000)
        {
            _known.Clear(); // host names come from clients: never grow without bound
        }

        _known[origin] = new Cached(configuration, clock.GetUtcNow() + Lifetime);
        return configuration;
    }

    public void RequestRefresh()
    {
        if (contexts.HttpContext is { } context)
        {
            _known.TryRemove(PublicOrigin.Of(context.Request), out _);
        }
    }

    public void Dispose() => _http.Dispose();

    private sealed record Cached(OpenIdConnectConfiguration Configuration, DateTimeOffset Until);

    private sealed class Documents(HttpClient http, Uri api, Uri origin) : IDocumentRetriever
    {
        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Internal(address));
            PublicOrigin.Apply(request, origin);
            using var response = await http.SendAsync(request, cancel);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync(cancel);
        }

        public string Internal(string address) =>
            string.IsNullOrEmpty(address) ? address : new Uri(api, new Uri(address).PathAndQuery).AbsoluteUri;
    }
}
