using Microsoft.EntityFrameworkCore;
using SaaS.Api.Hosting;
using SaaS.Client.Queue;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;
using SaaS.Domain;

namespace SaaS.Api.Queue;

internal static class ListQueueDestinations
{
    public static async Task<IResult> HandleAsync(long? tenantId, MailDbContext db, CancellationToken ct)
    {
        // The filter of the messages is the caller's tenancy.
        var rows = await (
            from r in db.QueuedRecipients
            join m in db.QueuedMessages on r.MessageId equals m.Id
            where (r.State == RecipientState.Waiting || r.State == RecipientState.Trying || r.State == RecipientState.Held)
                && (tenantId == null || m.TenantId == new TenantId(tenantId ?? 0))
            group new { r, m } by r.Destination into g
            orderby g.Count() descending
            select new QueueDestinationView(
                g.Key, g.Count(x => x.r.State == RecipientState.Waiting), g.Count(x => x.r.State == RecipientState.Trying),
                g.Count(x => x.r.State == RecipientState.Held), g.Min(x => x.m.CreatedAt), g.Max(x => x.r.LastReply), g.Min(x => (DateTimeOffset?)(x.r.State == RecipientState.Waiting ? x.r.NextAttemptAt : null))))
            .Take(200).ToListAsync(ct);
        return new Page<QueueDestinationView>(rows, null).List(x => x);
    }
}
