using Microsoft.EntityFrameworkCore;
using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Queue;
using SaaS.Domain;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Api.Queue;

/// <summary>The queue by message: what is done to a message is done to each of its recipients.</summary>
internal static class QueueMapping
{
    private const int MaxRecipients = 1000;

    public static QueueFilter ToFilter(string? search, QueueState? state, string? destination, long? tenantId) => new()
    {
        State = (RecipientState?)state,
        Destination = destination,
        Text = search?.Trim(),
        Tenant = tenantId is { } tenant ? new TenantId(tenant) : null,
    };

    /// <summary>With the tenants' names, as far as the caller sees them.</summary>
    public static async Task<IReadOnlyList<QueueMessageView>> ToMessagesAsync(MailDbContext db, IEnumerable<QueueEntry> entries, CancellationToken ct)
    {
        var messages = ToMessages(entries).ToList();
        var ids = messages.Where(x => x.TenantId is not null).Select(x => new TenantId(x.TenantId!.Value)).Distinct().ToList();
        var names = await db.Tenants.Where(x => ids.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.Name, ct);
        return [.. messages.Select(x => x.TenantId is { } id ? x with { TenantName = names.GetValueOrDefault(new TenantId(id)) } : x)];
    }

    private static IEnumerable<QueueMessageView> ToMessages(IEnumerable<QueueEntry> entries) => entries.GroupBy(x => x.MessageId).Select(g =>
    {
        var first = g.First();
        return new QueueMessageView(
            first.MessageId, first.Tenant?.Value, null, first.ReversePath, first.Subject, first.MessageIdHeader, first.Size, first.CreatedAt,
            first.ExpiresAt,
            [.. g.Select(r => new QueueRecipientView(
                r.Id, r.Recipient, r.Destination, (QueueState)r.State, r.Attempts, r.NextAttemptAt, r.LastReply, r.RemoteHost, r.CreatedAt))]);
    });

    public static async Task<IReadOnlyList<QueueEntry>> FindAsync(Caller caller, OutboundQueue queue, long message, CancellationToken ct) =>
        (await queue.SearchAsync(caller.Scope, new QueueFilter { MessageId = message }, null, MaxRecipients, ct)).Items;

    public static async Task<IResult> AnswerAsync(HttpContext context, Caller caller, OutboundQueue queue, long message, CancellationToken ct) =>
        await ToMessagesAsync(
            context.RequestServices.GetRequiredService<MailDbContext>(), await FindAsync(caller, queue, message, ct), ct) is [var found, ..]
            ? Results.Json(found, ApiJson.Options)
            : context.Refused(Refusal.NotFound("queued message"));

    /// <summary>Recipients whose state does not allow it are passed over; a refusal only where no recipient allowed it.</summary>
    public static async Task<IResult> ChangeAsync(
        HttpContext context, Caller caller, OutboundQueue queue, long message, Func<CallerScope, long, CancellationToken, Task<Refusal?>> change,
        CancellationToken ct)
    {
        Refusal? refusal = null;
        var changed = 0;
        foreach (var entry in await FindAsync(caller, queue, message, ct))
        {
            if (await change(caller.Scope, entry.Id, ct) is { } no)
            {
                refusal ??= no;
            }
            else
            {
                changed++;
            }
        }

        return changed == 0 && refusal is not null ? context.Refused(refusal) : await AnswerAsync(context, caller, queue, message, ct);
    }
}
