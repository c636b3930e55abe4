using SaaS.Api.Hosting;
using SaaS.Client.Queue;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class ListQueue
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, Word<QueueState>? state, string? destination, long? tenantId, Caller caller, OutboundQueue queue, CancellationToken ct)
    {
        var filter = new QueueFilter
        {
            State = (RecipientState?)state?.Value,
            Destination = destination,
            Text = list.Q,
            Tenant = tenantId is { } tenant ? new TenantId(tenant) : null,
        };
        var page = await queue.SearchAsync(caller.Scope, filter, list.Cursor, list.ToQuery().Limit, ct);
        return new Page<QueueMessageView>([.. QueueMapping.ToMessages(page.Items)], page.Next).List(x => x);
    }
}
