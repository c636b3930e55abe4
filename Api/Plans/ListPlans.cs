using SaaS.Api.Hosting;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

internal static class ListPlans
{
    public static async Task<IResult> HandleAsync(ListParameters list, PlanService plans, CancellationToken ct) =>
        (await plans.ListAsync(list.ToQuery(), ct)).List(PlanMapping.ToView);
}
