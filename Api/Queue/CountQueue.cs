using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Queue;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class CountQueue
{
    public static async Task<IResult> HandleAsync(
        string? q, Word<QueueState>? state, string? destination, long? tenantId, Caller caller, OutboundQueue queue, CancellationToken ct)
    {
        var match = await queue.CountAsync(caller.Scope, QueueMapping.ToFilter(q, state?.Value, destination, tenantId), ct);
        return Results.Json(new QueueCount(match.Messages, match.Recipients), ApiJson.Options);
    }
}
