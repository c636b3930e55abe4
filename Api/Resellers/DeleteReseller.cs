using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

internal static class DeleteReseller
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, ResellerService resellers, CancellationToken ct) =>
        context.Done(await resellers.DeleteAsync(new ResellerId(id), context.IfMatch(), ct));
}
