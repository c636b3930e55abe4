using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

internal static class GetTenant
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, TenantService tenants, CancellationToken ct) =>
        TenantMapping.Answer(context, await tenants.GetAsync(new TenantId(id), ct));
}
