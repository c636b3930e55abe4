using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Moves;
using SaaS.Domain.Common;
using SaaS.Domain.Moves;

namespace SaaS.Api.Moves;

/// <summary>Many at once from one source: each item is ordered or refused by itself.</summary>
internal static class CreateMovesEndpoint
{
    public static async Task<IResult> HandleAsync(CreateMoves body, HttpContext context, MoveService moves, CancellationToken ct)
    {
        if (body.Source is null)
        {
            return context.Refused(Refusal.Invalid("source", "It is missing."));
        }

        if (body.Items is not { Count: > 0 and <= MoveService.MaxItems })
        {
            return context.Refused(Refusal.Invalid("items", $"1 to {MoveService.MaxItems} at once."));
        }

        var batch = body.Batch ?? Guid.NewGuid();
        var orders = new List<MoveOrder>(body.Items.Count);
        for (var i = 0; i < body.Items.Count; i++)
        {
            var made = await moves.CreateAsync(MoveMapping.ToSource(body.Source), MoveMapping.ToItem(body.Items[i]), body.DryRun, batch, ct);
            if (made.Refusal is { Field: "host" or "port" or "tls" or "masterUser" or "messagesPerSecond" or "bytesPerSecond" } source)
            {
                // It holds for all of them.
                return context.Refused(source);
            }

            orders.Add(new MoveOrder(i, made.Value?.Move.Id, made.Refusal?.Text));
        }

        return Results.Json(new MovesCreated(batch, orders), ApiJson.Options, statusCode: StatusCodes.Status201Created);
    }
}
