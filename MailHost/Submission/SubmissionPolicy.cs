using System.Globalization;
using Microsoft.Extensions.Options;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Submissions;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Submission;

/// <summary>Mail of our own customers: signed in, under an address that is theirs, mended where it lacks what every message has.</summary>
/// <remarks>RFC 6409 §4.3, §6, §8.</remarks>
internal sealed class SubmissionPolicy(
    IMessageRouter router, SenderAuthorization senders, SendAllowance allowance, IOptions<DataOptions> data, TimeProvider clock) : ISmtpPolicy
{
    private static readonly SmtpReply NotYours = SmtpReplies.From(new Refusal(RefusalReason.SenderNotAllowed, "Sender address does not belong to your account."));
    private static readonly SmtpReply FromNotYours = SmtpReplies.From(new Refusal(RefusalReason.SenderNotAllowed, "The From address does not belong to your account."));
    private static readonly SmtpReply NoFrom = SmtpReplies.From(new Refusal(RefusalReason.Invalid, "The message needs exactly one readable From field."));
    private static readonly SmtpReply HeaderTooLong = SmtpReplies.From(new Refusal(RefusalReason.Invalid, "The message header is too long."));

    public async ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (session.User?.Account is null)
        {
            return SmtpReplies.AuthRequired;
        }

        if (transaction.ReversePath is { } sender && !await MaySendAsync(session, sender, ct))
        {
            return NotYours;
        }

        return transaction.DeclaredSize > await MaxBytesAsync(session, ct) ? await TooLargeAsync(session, ct) : null;
    }

    public ValueTask<RouteDecision> OnRecipientAsync(SmtpSession session, MailAddress recipient, CancellationToken ct) =>
        router.ResolveAsync(recipient, new RouteContext(session.Transaction!.ReversePath, session.User!.Account, session.User.Tenant), ct);

    public async ValueTask<SmtpReply?> OnMessageAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (transaction.Message!.Length > await MaxBytesAsync(session, ct))
        {
            return await TooLargeAsync(session, ct);
        }

        var header = await SubmittedHeader.ReadAsync(transaction.Message!, ct);
        if (header is null)
        {
            return HeaderTooLong;
        }

        if (header.From is null)
        {
            return NoFrom;
        }

        foreach (var from in header.From)
        {
            if (!await MaySendAsync(session, from, ct))
            {
                return FromNotYours;
            }
        }

        if (await allowance.TakeAsync(session.User!.Account!.Value, transaction.Recipients.Count, ct) is { } exceeded)
        {
            return SmtpReplies.From(exceeded);
        }

        if (header.HasBcc)
        {
            transaction.Replace(await header.WithoutBccAsync(transaction.Message!, data.Value.SpoolPath, ct));
        }

        var now = clock.GetUtcNow();
        if (!header.HasDate)
        {
            transaction.ExtraHeader += $"Date: {now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)}\r\n";
        }

        if (!header.HasMessageId)
        {
            transaction.ExtraHeader += $"Message-ID: <{Guid.CreateVersion7(now):n}@{header.From[0].Domain}>\r\n";
        }

        return null;
    }

    // What was allowed in this session stays so: a client sends many messages under one address.
    private async ValueTask<bool> MaySendAsync(SmtpSession session, MailAddress sender, CancellationToken ct)
    {
        var allowed = StateOf(session).Allowed;
        if (allowed.Contains(sender))
        {
            return true;
        }

        if (!await senders.MaySendAsAsync(session.User!.Account!.Value, sender, ct))
        {
            return false;
        }

        allowed.Add(sender);
        return true;
    }

    private async ValueTask<long> MaxBytesAsync(SmtpSession session, CancellationToken ct) =>
        StateOf(session).MaxBytes ??= await senders.MaxMessageBytesAsync(session.User!.Account!.Value, ct);

    private async ValueTask<SmtpReply> TooLargeAsync(SmtpSession session, CancellationToken ct) =>
        SmtpReplies.From(DataFault.TooLarge, await MaxBytesAsync(session, ct));

    private static State StateOf(SmtpSession session) => (State)(session.PolicyState ??= new State());

    private sealed class State
    {
        public HashSet<MailAddress> Allowed { get; } = [];

        /// <summary>What the tenant's plan allows; null: not asked yet.</summary>
        public long? MaxBytes { get; set; }
    }
}
