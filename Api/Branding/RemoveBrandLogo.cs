using SaaS.Api.Hosting;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class RemoveBrandLogo
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, BrandService brands, CancellationToken ct) =>
        context.Done((await brands.SetLogoAsync(id, null, ct)).Refusal);
}
