using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Lmtp;

/// <summary>For sites with a mail server of their own in front: final delivery only, to our own recipients.</summary>
/// <remarks>RFC 2033.</remarks>
internal sealed class LmtpPolicy(IMessageRouter router) : ISmtpPolicy
{
    public ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct) => new((SmtpReply?)null);

    public ValueTask<RouteDecision> OnRecipientAsync(SmtpSession session, MailAddress recipient, CancellationToken ct) =>
        router.ResolveAsync(recipient, new RouteContext(session.Transaction!.ReversePath, null, null), ct);

    public ValueTask<SmtpReply?> OnMessageAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct) => new((SmtpReply?)null);
}
