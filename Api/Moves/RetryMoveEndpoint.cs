using SaaS.Client.Moves;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class RetryMoveEndpoint
{
    public static async Task<IResult> HandleAsync(long id, RetryMove body, HttpContext context, MoveService moves, CancellationToken ct) =>
        MoveMapping.Answer(context, await moves.RetryAsync(id, body.Password ?? "", body.DryRun, ct));
}
