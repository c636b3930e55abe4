using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.LegacyPlatforms;

namespace SaaS.Api.LegacyPlatforms;

internal static class LegacyPlatformEndpoints
{
    public static void MapLegacyPlatforms(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/legacy-platforms").WithTags("Legacy platforms").Problems();
        group.MapGet("", ListLegacyPlatforms.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<LegacyPlatformView>>();
        group.MapPost("", CreateLegacyPlatformEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<LegacyPlatformView>();
        group.MapGet("/{id:long}", GetLegacyPlatform.HandleAsync).RequireAuthorization(Policies.Admin).Produces<LegacyPlatformView>();
        group.MapPatch("/{id:long}", UpdateLegacyPlatformEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<LegacyPlatformView>();
        group.MapDelete("/{id:long}", DeleteLegacyPlatform.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{id:long}/accounts", MoveHomesEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<HomesMovedView>();
    }
}
