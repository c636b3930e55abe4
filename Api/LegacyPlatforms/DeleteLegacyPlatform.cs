using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class DeleteLegacyPlatform
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, LegacyPlatformService platforms, CancellationToken ct) =>
        context.Done(await platforms.DeleteAsync(new LegacyPlatformId(id), context.IfMatch(), ct));
}
