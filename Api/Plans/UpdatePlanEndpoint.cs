using SaaS.Api.Hosting;
using SaaS.Client.Plans;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

internal static class UpdatePlanEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdatePlan body, HttpContext context, PlanService plans, CancellationToken ct)
    {
        var change = new PlanChange(
            body.Name, body.AccountQuotaBytes, body.MaxAccounts, body.MaxDomains, body.MaxMessageBytes, body.SendPerDay);
        var changed = await plans.UpdateAsync(new PlanId(id), change, context.IfMatch(), ct);
        return changed.Ok ? PlanMapping.Answer(context, await plans.GetAsync(new PlanId(id), ct)) : context.Refused(changed.Refusal);
    }
}
