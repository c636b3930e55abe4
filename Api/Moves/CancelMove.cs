using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class CancelMove
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, MoveService moves, CancellationToken ct) =>
        MoveMapping.Answer(context, await moves.CancelAsync(id, ct));
}
