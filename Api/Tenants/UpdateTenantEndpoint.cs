using SaaS.Api.Hosting;
using SaaS.Client.Tenants;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

internal static class UpdateTenantEndpoint
{
    public static async Task<IResult> HandleAsync(
        long id, UpdateTenant body, HttpContext context, TenantService tenants, CancellationToken ct)
    {
        var change = new TenantChange(body.Name, body.PlanId is { } plan ? new PlanId(plan) : null, body.Suspended);
        var changed = await tenants.UpdateAsync(new TenantId(id), change, context.IfMatch(), ct);
        return changed.Ok ? TenantMapping.Answer(context, await tenants.GetAsync(new TenantId(id), ct)) : context.Refused(changed.Refusal);
    }
}
