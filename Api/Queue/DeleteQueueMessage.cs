using SaaS.Api.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class DeleteQueueMessage
{
    public static async Task<IResult> HandleAsync(
        long id, HttpContext context, Caller caller, OutboundQueue queue, CancellationToken ct)
    {
        var entries = await QueueMapping.FindAsync(caller, queue, id, ct);
        foreach (var entry in entries)
        {
            await queue.DeleteAsync(caller.Scope, entry.Id, ct);
        }

        return context.Done(entries.Count == 0 ? Refusal.NotFound("queued message") : null);
    }
}
