using SaaS.Api.Hosting;
using SaaS.Client.Queue;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

internal static class ListQueueDestinations
{
    private const int Most = 200;

    public static async Task<IResult> HandleAsync(long? tenantId, Caller caller, OutboundQueue queue, CancellationToken ct)
    {
        var rows = await queue.DestinationsAsync(caller.Scope, tenantId is { } tenant ? new TenantId(tenant) : null, Most, ct);
        return new Page<QueueDestination>(rows, null).List(x => new QueueDestinationView(
            x.Name, x.Waiting, x.Trying, x.Held, x.Oldest, x.LastReply, x.NextAttempt));
    }
}
