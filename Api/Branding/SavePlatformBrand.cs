using SaaS.Api.Hosting;
using SaaS.Client.Branding;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class SavePlatformBrand
{
    public static async Task<IResult> HandleAsync(SaveBrand body, HttpContext context, BrandService brands, CancellationToken ct) =>
        BrandMapping.Answer(context, await brands.SaveAsync(null, null, BrandMapping.ToContent(body), context.IfMatch(), ct));
}
