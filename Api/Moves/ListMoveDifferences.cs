using SaaS.Api.Hosting;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class ListMoveDifferences
{
    public static async Task<IResult> HandleAsync(long id, ListParameters list, HttpContext context, MoveService moves, CancellationToken ct)
    {
        var found = await moves.DifferencesAsync(id, list.ToQuery(), ct);
        return found.Ok ? found.Value.List(MoveMapping.ToView) : context.Refused(found.Refusal);
    }
}
