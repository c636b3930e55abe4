using SaaS.Api.Hosting;
using SaaS.Client.Tenants;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

internal static class CreateTenantEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateTenant body, HttpContext context, TenantService tenants, CancellationToken ct)
    {
        var wanted = new NewTenant(body.Name, new PlanId(body.PlanId), body.ResellerId is { } reseller ? new ResellerId(reseller) : null);
        var made = await tenants.CreateAsync(wanted, ct);
        return made.Ok
            ? TenantMapping.Answer(context, await tenants.GetAsync(made.Value.Id, ct), $"/v1/tenants/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
