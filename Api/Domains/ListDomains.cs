using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.Api.Domains;

internal static class ListDomains
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, DomainService domains, CancellationToken ct) =>
        (await domains.ListAsync(tenantId is { } of ? new TenantId(of) : null, list.ToQuery(), ct)).List(DomainMapping.ToView);
}
