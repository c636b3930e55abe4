using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class ListLegacyPlatforms
{
    public static async Task<IResult> HandleAsync(ListParameters list, long? tenantId, LegacyPlatformService platforms, CancellationToken ct) =>
        (await platforms.ListAsync(tenantId is { } tenant ? new TenantId(tenant) : null, list.ToQuery(), ct)).List(LegacyPlatformMapping.ToView);
}
