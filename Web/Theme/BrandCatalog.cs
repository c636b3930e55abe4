using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SaaS.Web.Auth;

namespace SaaS.Web.Theme;

/// <summary>The brand of each host as Api's public GET /v1/branding tells it, kept for a minute.</summary>
internal sealed class BrandCatalog(IOptions<ApiOptions> api, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, (BrandView Brand, DateTimeOffset Until)> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(2),
        MaxResponseContentBufferSize = 64 * 1024,
    };

    public async Task<BrandView> ForAsync(Uri origin)
    {
        if (_known.TryGetValue(origin.Authority, out var cached) && cached.Until > clock.GetUtcNow())
        {
            return cached.Brand;
        }

        var brand = await LoadAsync(origin) ?? cached.Brand ?? BrandView.Default;
        if (_known.Count > 10_000)
        {
            _known.Clear();
        }

        _known[origin.Authority] = (brand, clock.GetUtcNow() + Lifetime);
        return brand;
    }

    public void Dispose() => _http.Dispose();

    private async Task<BrandView?> LoadAsync(Uri origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Value.BaseUrl, "/v1/branding"));
        PublicOrigin.Apply(request, origin);
        try
        {
            using var response = await _http.SendAsync(request);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
            return BrandView.Read(json.RootElement);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null; // the page still opens, under the last known or the default brand
        }
    }
}
