using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class GetQueueMessage
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, Caller caller, OutboundQueue queue, CancellationToken ct) =>
        await QueueMapping.AnswerAsync(context, caller, queue, id, ct);
}
