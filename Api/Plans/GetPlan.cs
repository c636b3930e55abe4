using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

internal static class GetPlan
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, PlanService plans, CancellationToken ct) =>
        PlanMapping.Answer(context, await plans.GetAsync(new PlanId(id), ct));
}
