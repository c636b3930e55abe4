using SaaS.Api.Hosting;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;

namespace SaaS.Api.Branding;

internal static class GetBrandLogo
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, BrandService brands, HostBrands shown, CancellationToken ct)
    {
        var seen = await brands.ListAsync(new ListQuery(1, id - 1), ct);
        if (!seen.Items.Any(x => x.Id == id) || await shown.LogoAsync(id, ct) is not var (bytes, type))
        {
            return context.Refused(Refusal.NotFound("logo"));
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(bytes, type);
    }
}
