using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Moves;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class GetMove
{
    public static async Task<IResult> HandleAsync(long id, HttpContext context, MoveService moves, CancellationToken ct)
    {
        var found = await moves.GetAsync(id, ct);
        return found.Ok
            ? Results.Json(
                new MoveDetail(MoveMapping.ToView(found.Value.Move), [.. found.Value.Folders.Select(MoveMapping.ToView)]), ApiJson.Options)
            : context.Refused(found.Refusal);
    }
}
