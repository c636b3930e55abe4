using SaaS.Api.Hosting;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;

namespace SaaS.Api.Branding;

internal static class GetHostLogo
{
    public static async Task<IResult> HandleAsync(HttpContext context, HostBrands brands, CancellationToken ct)
    {
        var brand = await brands.OfAsync(context.Request.Host.Host, ct);
        if (brand is not { BrandId: { } id, LogoTag: not null } || await brands.LogoAsync(id, ct) is not var (bytes, type))
        {
            return context.Refused(Refusal.NotFound("logo"));
        }

        context.Response.Headers.CacheControl = "public, max-age=86400";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results.Bytes(bytes, type);
    }
}
