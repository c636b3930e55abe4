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
    private static readonly SmtpReply SenderNotYours = SmtpReplies.From(new Refusal(RefusalReason.SenderNotAllowed, "Sender must be your own address, once."));
    private static readonly SmtpReply NoFrom = SmtpReplies.From(new Refusal(RefusalReason.Invalid, "The message needs exactly one readable From field."));
    private static readonly SmtpReply HeaderTooLong = SmtpReplies.From(new Refusal(RefusalReason.Invalid, "The message header is too long."));

    public async ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (session.User?.Account is null)
        {
            return SmtpReplies.AuthRequired;
        }

        if (transaction.ReversePath is { } sender && await RightAsync(session, sender, ct) == SendRight.None)
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

        var onBehalf = false;
        foreach (var from in header.From)
        {
            var right = await RightAsync(session, from, ct);
            if (right == SendRight.None)
            {
                return FromNotYours;
            }

            onBehalf |= right == SendRight.OnBehalf;
        }

        // RFC 5322 §3.6.2: who wrote it is not who sends it.
        var own = onBehalf ? await senders.AddressAsync(session.User!.Account!.Value, ct) : null;
        if (own is not null && header.HasSender && !header.IsSender(own))
        {
            return SenderNotYours;
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

        if (own is not null && !header.HasSender)
        {
            transaction.ExtraHeader += $"Sender: <{own}>\r\n";
        }

        if (!header.HasMessageId)
        {
            transaction.ExtraHeader += $"Message-ID: <{Guid.CreateVersion7(now):n}@{header.From[0].Domain}>\r\n";
        }

        return null;
    }

    // An own address stays so in this session: a client sends many messages under one. What was given by others can be taken back.
    private async ValueTask<SendRight> RightAsync(SmtpSession session, MailAddress sender, CancellationToken ct)
    {
        var allowed = StateOf(session).Allowed;
        if (allowed.Contains(sender))
        {
            return SendRight.Own;
        }

        var right = await senders.RightAsync(session.User!.Account!.Value, sender, ct);
        if (right == SendRight.Own)
        {
            allowed.Add(sender);
        }

        return right;
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
