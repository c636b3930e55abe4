using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class VouchBrandHost
{
    public static async Task<IResult> HandleAsync(
        long id, string host, HttpContext context, BrandService brands, CancellationToken ct) =>
        BrandMapping.Answer(context, await brands.VouchHostAsync(id, host, ct));
}
