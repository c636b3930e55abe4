using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Queue;

public enum AttemptResult
{
    Delivered,
    /// <summary>Delivered to a host that will not report success by itself.</summary>
    Relayed,
    /// <summary>To be tried again.</summary>
    Deferred,
    Failed,
}

/// <summary>One recipient's attempt.</summary>
/// <param name="Reply">The remote's reply, or our own reason beginning with an enhanced code.</param>
/// <param name="Fault">A deferral by trouble of our own, such as a database that was away.</param>
public sealed record Attempt(LeasedRecipient Recipient, AttemptResult Result, string Reply, string? RemoteHost = null, bool Fault = false);

/// <summary>Turns attempts into states: what is final, what is tried again and when, and who is told.</summary>
/// <remarks>RFC 5321 §4.5.4.1 (retries), RFC 3461 §5.2 and §6 (reports). The null reverse-path is never reported to.</remarks>
public sealed class Settlement(OutboundQueue queue, IMessageRouter router, QueueOptions options, TimeProvider clock)
{
    /// <summary>Commits the attempts and the reports that they cause. <paramref name="original"/> is read when a report needs it.</summary>
    public async Task SettleAsync(
        LeasedMessage message, string owner, IReadOnlyList<Attempt> attempts, MessageBytes? original, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var results = new List<RecipientResult>(attempts.Count);
        var reported = new List<ReportedRecipient>();
        foreach (var attempt in attempts)
        {
            results.Add(Judge(message, attempt, now, reported));
        }

        var reports = new List<EnqueueRequest>();
        MessageBytes? loaded = null;
        try
        {
            if (message.ReversePath is not null && reported.Count > 0)
            {
                original ??= loaded = await queue.LoadAsync(message.Id, ct);
                foreach (var group in reported.GroupBy(r => r.Action))
                {
                    if (await ReportAsync(message, original, [.. group], now, ct) is { } report)
                    {
                        reports.Add(report);
                    }
                }
            }

            await queue.SettleAsync(message.Id, owner, results, reports, ct);
        }
        finally
        {
            loaded?.Dispose();
            foreach (var report in reports)
            {
                await report.Message.DisposeAsync();
            }
        }
    }

    private RecipientResult Judge(LeasedMessage message, Attempt attempt, DateTimeOffset now, List<ReportedRecipient> reported)
    {
        var r = attempt.Recipient;
        void Report(ReportAction action, DateTimeOffset? until = null) =>
            reported.Add(Forwarded(r) is { } known
                ? new ReportedRecipient(
                    known, r.OriginalRecipient, action, $"{DeliveryReport.StatusCode(attempt.Reply, action)} The host that it is forwarded to does not take it.", null, until)
                : new ReportedRecipient(r.Recipient, r.OriginalRecipient, action, attempt.Reply, attempt.RemoteHost, until));

        switch (attempt.Result)
        {
            case AttemptResult.Delivered or AttemptResult.Relayed:
                if (r.Notify.HasFlag(DsnNotify.Success) && (attempt.Result == AttemptResult.Relayed || r.Account is not null))
                {
                    Report(attempt.Result == AttemptResult.Relayed ? ReportAction.Relayed : ReportAction.Delivered);
                }

                return new RecipientResult(r.Id, RecipientState.Delivered, attempt.Reply, attempt.RemoteHost);
            case AttemptResult.Failed:
                if (Wants(r.Notify, DsnNotify.Failure))
                {
                    Report(ReportAction.Failed);
                }

                return new RecipientResult(r.Id, RecipientState.Bounced, attempt.Reply, attempt.RemoteHost);
        }

        var next = now + (attempt.Fault ? QueueOptions.WaitAfterFault(r.Attempts) : options.WaitAfter(r.Attempts));
        if (next >= message.ExpiresAt)
        {
            if (Wants(r.Notify, DsnNotify.Failure))
            {
                Report(ReportAction.Failed);
            }

            return new RecipientResult(r.Id, RecipientState.Expired, attempt.Reply, attempt.RemoteHost);
        }

        var tell = !r.DelayNotified && now - message.CreatedAt >= options.DelayNotice && Wants(r.Notify, DsnNotify.Delay);
        if (tell)
        {
            Report(ReportAction.Delayed, message.ExpiresAt);
        }

        return new RecipientResult(r.Id, RecipientState.Waiting, attempt.Reply, attempt.RemoteHost, next, tell);
    }

    /// <summary>The report that <paramref name="recipients"/> cause; null where nobody can be told. Its message is the caller's to dispose.</summary>
    public async Task<EnqueueRequest?> ReportAsync(
        LeasedMessage message, MessageBytes? original, IReadOnlyList<ReportedRecipient> recipients, DateTimeOffset now, CancellationToken ct)
    {
        var sender = message.ReversePath!;
        var decision = await router.ResolveAsync(sender, RouteContext.Stranger, ct);
        IReadOnlyList<EnqueueRecipient> targets = decision switch
        {
            // The platform itself may write to anybody outside.
            { Refusal.Reason: RefusalReason.RelayDenied } => [new EnqueueRecipient(sender, null, null, DsnNotify.Never)],
            { Refusal.Reason: RefusalReason.OverQuota } => [],
            { Refusal: not null } => [],
            _ => [.. decision.Routes.Select(route => route switch
            {
                Route.Local local => new EnqueueRecipient(sender, local.Account, null, DsnNotify.Never, Home: local.Home),
                Route.Remote remote => new EnqueueRecipient(remote.Recipient, null, null, DsnNotify.Never),
                _ => throw new InvalidOperationException("Unknown route."),
            })],
        };
        if (targets.Count == 0)
        {
            return null;
        }

        var report = await DeliveryReport.WriteAsync(message, original, recipients, options.HostName, now, ct);
        return new EnqueueRequest
        {
            ReversePath = null,
            Message = report,
            Recipients = targets,
            EightBit = true,
            SmtpUtf8 = sender.NeedsSmtpUtf8,
            Subject = "Delivery report",
        };
    }

    /// <summary>The address that the sender wrote to, where somebody has it forwarded to outside: neither the address behind it nor what its host says
    /// is the sender's to know.</summary>
    private static string? Forwarded(LeasedRecipient r) =>
        r.Account is null && r.OriginalRecipient is { } original && original.StartsWith("rfc822;", StringComparison.OrdinalIgnoreCase)
            && MailAddress.TryParse(original[7..].Trim(), out var known) && !known.ToString().Equals(r.Recipient, StringComparison.OrdinalIgnoreCase)
            ? known.ToString() : null;

    // RFC 3461 §4.1: without NOTIFY, failures and delays are told.
    private static bool Wants(DsnNotify notify, DsnNotify what) => notify == DsnNotify.Default || notify.HasFlag(what);
}
