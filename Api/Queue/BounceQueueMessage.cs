using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class BounceQueueMessage
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, Caller caller, OutboundQueue queue, CancellationToken ct) =>
        await QueueMapping.ChangeAsync(context, caller, queue, id, queue.BounceAsync, ct);
}
