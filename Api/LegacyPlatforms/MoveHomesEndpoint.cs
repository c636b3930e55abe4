using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.LegacyPlatforms;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class MoveHomesEndpoint
{
    public static async Task<IResult> HandleAsync(long id, MoveHomes body, HttpContext context, LegacyHomes homes, CancellationToken ct)
    {
        var moved = await homes.MoveAsync(
            new LegacyPlatformId(id), body.AtLegacy, body.DomainId is { } domain ? new DomainId(domain) : null, body.Addresses, ct);
        return moved.Ok
            ? Results.Json(new HomesMovedView(moved.Value.Changed, moved.Value.Unchanged, moved.Value.Refused), ApiJson.Options)
            : context.Refused(moved.Refusal);
    }
}
