using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class GetLegacyPlatform
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, LegacyPlatformService platforms, CancellationToken ct) =>
        LegacyPlatformMapping.Answer(context, await platforms.GetAsync(new LegacyPlatformId(id), ct));
}
