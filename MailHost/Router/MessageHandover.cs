using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.MailHost.Router;

/// <summary>
/// The one place where mail enters. Returned without a refusal means committed: straight into the mailbox where there is exactly one and
/// nothing else, otherwise into the queue with all recipients at once, from where accounts here are fanned out and the rest is relayed.
/// </summary>
internal sealed class MessageHandover(LocalDelivery delivery, IOutboundQueue queue, RouterOptions options)
{
    public async Task<HandoverResult> AcceptAsync(HandoverRequest request, CancellationToken ct)
    {
        var prepared = await PrepareAsync(request, ct);
        if (!prepared.Ok)
        {
            return new HandoverResult(prepared.Refusal);
        }

        var (enqueue, targets) = prepared.Value;
        if (targets is [(var only, Route.Local { Home: null } local)] && !only.Notify.HasFlag(DsnNotify.Success))
        {
            var stored = await delivery.DeliverAsync(new LocalMessage
            {
                Account = local.Account,
                Tenant = local.Tenant,
                Recipient = only.Recipient,
                ReversePath = request.ReversePath,
                Message = request.Message,
                Trace = request.Prepend,
                OriginalRecipient = only.OriginalRecipient,
                EnvelopeId = request.EnvelopeId,
                SmtpUtf8 = request.SmtpUtf8,
                EightBit = request.EightBit,
            }, ct);
            if (stored.Refusal != LocalDelivery.Elsewhere)
            {
                return new HandoverResult(stored.Refusal, stored.Value);
            }
        }

        return new HandoverResult(null, null, await queue.EnqueueAsync(enqueue, ct));
    }

    /// <summary>What would be queued, for callers who commit it together with rows of their own.</summary>
    public async Task<Outcome<EnqueueRequest>> PrepareQueuedAsync(HandoverRequest request, CancellationToken ct)
    {
        var prepared = await PrepareAsync(request, ct);
        return prepared.Ok ? prepared.Value.Request : prepared.Refusal!;
    }

    private async Task<Outcome<Prepared>> PrepareAsync(HandoverRequest request, CancellationToken ct)
    {
        var scan = await HeaderScan.ReadAsync(request.Message, ct);
        if (scan.Received > options.MaxReceived)
        {
            return new Refusal(RefusalReason.LoopDetected, "The message has passed too many hosts.");
        }

        var targets = Targets(request, out var forwardedBy);
        if (targets.Count == 0)
        {
            return request.Recipients.Select(r => r.Decision.Refusal).FirstOrDefault(r => r is not null)
                ?? new Refusal(RefusalReason.UnknownRecipient, "No such mailbox here.");
        }

        return new Prepared(new EnqueueRequest
        {
            Tenant = request.Tenant ?? forwardedBy,
            Account = request.Account,
            ReversePath = request.ReversePath,
            EnvelopeId = request.EnvelopeId,
            ReturnFull = request.ReturnFull,
            SmtpUtf8 = request.SmtpUtf8,
            EightBit = request.EightBit,
            Message = request.Message,
            Prepend = request.Prepend,
            Recipients = [.. targets.Select(t => t.Recipient)],
            MessageIdHeader = scan.MessageId ?? HeaderScan.Read(request.Prepend.Span).MessageId,
            Subject = scan.Subject,
        }, targets);
    }

    private sealed record Prepared(EnqueueRequest Request, List<(EnqueueRecipient Recipient, Route Route)> Targets);

    // Every account and outside address once, whatever number of recipients leads to it.
    private static List<(EnqueueRecipient Recipient, Route Route)> Targets(HandoverRequest request, out TenantId? tenant)
    {
        var targets = new List<(EnqueueRecipient, Route)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        tenant = null;
        foreach (var recipient in request.Recipients)
        {
            foreach (var route in recipient.Decision.Routes)
            {
                switch (route)
                {
                    case Route.Local local when seen.Add($"#{local.Account}"):
                        tenant ??= local.Tenant;
                        targets.Add((new EnqueueRecipient(recipient.Recipient, local.Account, recipient.OriginalRecipient, recipient.Notify, local.Home), route));
                        break;
                    case Route.Remote remote when seen.Add($"{remote.Recipient.LocalPart}@{remote.Recipient.Domain}"):
                        tenant = remote.ForwardedBy ?? tenant;
                        targets.Add((new EnqueueRecipient(remote.Recipient, null, recipient.OriginalRecipient, recipient.Notify), route));
                        break;
                }
            }
        }

        return targets;
    }
}
