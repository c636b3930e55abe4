using SaaS.Api.Hosting;
using SaaS.Client.Branding;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;

namespace SaaS.Api.Branding;

internal static class SaveTenantBrand
{
    public static async Task<IResult> HandleAsync(
        long id, SaveBrand body, HttpContext context, BrandService brands, CancellationToken ct) =>
        BrandMapping.Answer(context, await brands.SaveAsync(null, new TenantId(id), BrandMapping.ToContent(body), context.IfMatch(), ct));
}
