using SaaS.Api.Hosting;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class RemoveBrandHost
{
    public static async Task<IResult> HandleAsync(
        long id, string host, HttpContext context, BrandService brands, CancellationToken ct) =>
        context.Done(await brands.RemoveHostAsync(id, host, ct));
}
