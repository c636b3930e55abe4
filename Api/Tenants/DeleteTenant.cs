using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

internal static class DeleteTenant
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, TenantService tenants, CancellationToken ct) =>
        context.Done(await tenants.DeleteAsync(new TenantId(id), context.IfMatch(), ct));
}
