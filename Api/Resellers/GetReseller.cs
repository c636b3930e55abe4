using SaaS.Domain.Common;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

internal static class GetReseller
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, ResellerService resellers, CancellationToken ct) =>
        ResellerMapping.Answer(context, await resellers.GetAsync(new ResellerId(id), ct));
}
