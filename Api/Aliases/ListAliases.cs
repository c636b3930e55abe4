using SaaS.Api.Hosting;
using SaaS.Domain.Aliases;
using SaaS.Domain.Common;

namespace SaaS.Api.Aliases;

internal static class ListAliases
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, long? domainId, AliasService aliases, CancellationToken ct) =>
        (await aliases.ListAsync(
            tenantId is { } tenant ? new TenantId(tenant) : null, domainId is { } domain ? new DomainId(domain) : null, list.ToQuery(), ct))
            .List(AliasMapping.ToView);
}
