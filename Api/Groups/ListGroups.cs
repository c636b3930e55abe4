using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

internal static class ListGroups
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, long? domainId, GroupService groups, CancellationToken ct) =>
        (await groups.ListAsync(
            tenantId is { } tenant ? new TenantId(tenant) : null, domainId is { } domain ? new DomainId(domain) : null, list.ToQuery(), ct))
            .List(GroupMapping.ToView);
}
