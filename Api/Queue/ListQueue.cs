using SaaS.Api.Hosting;
using SaaS.Client.Queue;
using SaaS.Domain;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class ListQueue
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, Word<QueueState>? state, string? destination, long? tenantId, Caller caller, OutboundQueue queue, MailDbContext db,
        CancellationToken ct)
    {
        var page = await queue.SearchAsync(
            caller.Scope, QueueMapping.ToFilter(list.Q, state?.Value, destination, tenantId), list.Cursor, list.ToQuery().Limit, ct);
        return new Page<QueueMessageView>(await QueueMapping.ToMessagesAsync(db, page.Items, ct), page.Next).List(x => x);
    }
}
