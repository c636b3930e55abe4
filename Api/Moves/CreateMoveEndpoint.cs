using SaaS.Api.Hosting;
using SaaS.Client.Moves;
using SaaS.Domain.Common;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

internal static class CreateMoveEndpoint
{
    public static async Task<IResult> HandleAsync(CreateMove body, HttpContext context, MoveService moves, CancellationToken ct)
    {
        if (body.Source is null || body.Item is null)
        {
            return context.Refused(Refusal.Invalid(body.Source is null ? "source" : "item", "It is missing."));
        }

        var made = await moves.CreateAsync(MoveMapping.ToSource(body.Source), MoveMapping.ToItem(body.Item), body.DryRun, null, ct);
        return made.Ok
            ? context.Made($"/v1/moves/{made.Value.Move.Id}", MoveMapping.ToView(made.Value), "1")
            : context.Refused(made.Refusal);
    }
}
