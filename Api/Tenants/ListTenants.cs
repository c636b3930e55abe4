using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

internal static class ListTenants
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? resellerId, TenantService tenants, CancellationToken ct) =>
        (await tenants.ListAsync(resellerId is { } of ? new ResellerId(of) : null, list.ToQuery(), ct)).List(TenantMapping.ToView);
}
