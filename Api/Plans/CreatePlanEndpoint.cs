using SaaS.Api.Hosting;
using SaaS.Client.Plans;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Api.Plans;

internal static class CreatePlanEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreatePlan body, HttpContext context, PlanService plans, CancellationToken ct)
    {
        var made = await plans.CreateAsync(
            new NewPlan(
                body.Name, body.AccountQuotaBytes, body.MaxAccounts, body.MaxDomains, body.MaxMessageBytes, body.SendPerDay,
                body.ResellerId is { } reseller ? new ResellerId(reseller) : null),
            ct);
        return made.Ok
            ? PlanMapping.Answer(context, await plans.GetAsync(made.Value.Id, ct), $"/v1/plans/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
