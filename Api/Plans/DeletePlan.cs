using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

internal static class DeletePlan
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, PlanService plans, CancellationToken ct) =>
        context.Done(await plans.DeleteAsync(new PlanId(id), context.IfMatch(), ct));
}
