using SaaS.Client.Branding;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class AddBrandHostEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, AddBrandHost body, HttpContext context, BrandService brands, CancellationToken ct) =>
        BrandMapping.Answer(context, await brands.AddHostAsync(id, body.Host, ct));
}
