using SaaS.Api.Hosting;
using SaaS.Client.Domains;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class CreateDomainEndpoint
{
    public static async Task<IResult> HandleAsync(
        CreateDomain body, HttpContext context, CurrentUser user, DomainService domains, CancellationToken ct)
    {
        if ((body.TenantId is { } named ? new TenantId(named) : user.Tenant) is not { } tenant)
        {
            return context.Refused(Refusal.Invalid("tenantId", "Name the tenant that the domain belongs to."));
        }

        var made = await domains.CreateAsync(tenant, body.Name, ct);
        return made.Ok
            ? DomainMapping.Answer(context, await domains.GetAsync(made.Value.Id, ct), $"/v1/domains/{made.Value.Id}")
            : context.Refused(made.Refusal);
    }
}
