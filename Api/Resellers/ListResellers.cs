using SaaS.Api.Hosting;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

internal static class ListResellers
{
    public static async Task<IResult> HandleAsync(ListParameters list, ResellerService resellers, CancellationToken ct) =>
        (await resellers.ListAsync(list.ToQuery(), ct)).List(ResellerMapping.ToView);
}
