using System.Net.Http.Headers;
using SaaS.Client.Http;

namespace SaaS.Client.Branding;

public sealed class BrandingClient(ApiClient api)
{
    /// <summary>The brand of the host that the request came to; needs no token.</summary>
    public Task<HostBrand> OfHostAsync(CancellationToken ct) => api.GetAsync<HostBrand>("/v1/branding", ct);

    public Task<PageOf<BrandView>> ListAsync(PageQuery? page, CancellationToken ct) =>
        api.GetAsync<PageOf<BrandView>>(ApiClient.Query("/v1/brands", page), ct);

    /// <summary>Makes or changes the brand of a reseller.</summary>
    public Task<BrandView> SaveForResellerAsync(long resellerId, SaveBrand body, string? version, CancellationToken ct) =>
        api.PutAsync<BrandView>($"/v1/resellers/{resellerId}/brand", body, version, ct);

    /// <summary>Makes or changes the brand of a tenant.</summary>
    public Task<BrandView> SaveForTenantAsync(long tenantId, SaveBrand body, string? version, CancellationToken ct) =>
        api.PutAsync<BrandView>($"/v1/tenants/{tenantId}/brand", body, version, ct);

    /// <summary>Makes or changes the platform's own brand: what hosts without a brand show. Operators only.</summary>
    public Task<BrandView> SaveForPlatformAsync(SaveBrand body, string? version, CancellationToken ct) =>
        api.PutAsync<BrandView>("/v1/brand", body, version, ct);

    /// <summary>PNG, JPEG or WebP of at most 256 KB.</summary>
    public Task<BrandView> SetLogoAsync(long brandId, Stream image, string contentType, CancellationToken ct)
    {
        var body = new StreamContent(image);
        body.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return api.PutAsync<BrandView>($"/v1/brands/{brandId}/logo", body, ct);
    }

    /// <summary>The logo for its owner, who may look from another host than those that show it.</summary>
    public Task<(byte[] Bytes, string Type)> GetLogoAsync(long brandId, CancellationToken ct) => api.GetFileAsync($"/v1/brands/{brandId}/logo", ct);

    public Task RemoveLogoAsync(long brandId, CancellationToken ct) => api.DeleteAsync($"/v1/brands/{brandId}/logo", null, ct);

    /// <summary>Shown at once where the owner has proven a domain above it, or an operator adds it; else it becomes a claim.</summary>
    public Task<BrandView> AddHostAsync(long brandId, string host, CancellationToken ct) =>
        api.PostAsync<BrandView>($"/v1/brands/{brandId}/hosts", new AddBrandHost(host), ct);

    /// <summary>Looks for the record that proves a claimed host.</summary>
    public Task<BrandView> VerifyHostAsync(long brandId, string host, CancellationToken ct) =>
        api.PostAsync<BrandView>($"/v1/brands/{brandId}/hosts/{Uri.EscapeDataString(host)}/verify", null, ct);

    /// <summary>An operator stands in for the proof.</summary>
    public Task<BrandView> VouchHostAsync(long brandId, string host, CancellationToken ct) =>
        api.PostAsync<BrandView>($"/v1/brands/{brandId}/hosts/{Uri.EscapeDataString(host)}/vouch", null, ct);

    public Task RemoveHostAsync(long brandId, string host, CancellationToken ct) =>
        api.DeleteAsync($"/v1/brands/{brandId}/hosts/{Uri.EscapeDataString(host)}", null, ct);
}
