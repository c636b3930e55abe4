using SaaS.Api.Hosting;
using SaaS.Domain.Branding;

namespace SaaS.Api.Branding;

internal static class ListBrands
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, BrandService brands, PlatformHosts hosts, CancellationToken ct) =>
        (await brands.ListAsync(list.ToQuery(), ct)).List(x => BrandMapping.ToView(x, hosts));
}
