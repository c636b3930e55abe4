using SaaS.Client.Branding;
using SaaS.Client.Http;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class GetHostBrand
{
    public static async Task<IResult> HandleAsync(HttpContext context, HostBrands brands, CancellationToken ct)
    {
        var brand = await brands.OfAsync(context.Request.Host.Host, ct);
        context.Response.Headers.CacheControl = "private, max-age=10";
        var logo = brand.LogoTag is { } tag ? $"/v1/branding/logo?v={tag}" : null;
        return Results.Json(new HostBrand(brand.Name, brand.PrimaryColor, brand.AccentColor, logo, brand.SupportUrl), ApiJson.Options);
    }
}
