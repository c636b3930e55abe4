using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Moves;

namespace SaaS.Api.Moves;

internal static class MoveEndpoints
{
    public static void MapMoves(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/moves").WithTags("Moves").Problems();
        group.MapGet("", ListMoves.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<MoveView>>();
        group.MapPost("", CreateMoveEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<MoveView>();
        group.MapPost("/bulk", CreateMovesEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<MovesCreated>();
        group.MapGet("/{id:long}", GetMove.HandleAsync).RequireAuthorization(Policies.Admin).Produces<MoveDetail>();
        group.MapGet("/{id:long}/differences", ListMoveDifferences.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<MoveDifferenceView>>();
        group.MapPost("/{id:long}/cancel", CancelMove.HandleAsync).RequireAuthorization(Policies.Admin).Produces<MoveView>();
        group.MapPost("/{id:long}/retry", RetryMoveEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<MoveView>();
    }
}
