using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Mx;

/// <summary>The edge to the world: takes mail for our own recipients from anyone, and relays for nobody.</summary>
internal sealed class MxPolicy(IMessageRouter router) : ISmtpPolicy
{
    public ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct) => new((SmtpReply?)null);

    public ValueTask<RouteDecision> OnRecipientAsync(SmtpSession session, MailAddress recipient, CancellationToken ct) =>
        router.ResolveAsync(recipient, new RouteContext(session.Transaction!.ReversePath, null, null), ct);

    public ValueTask<SmtpReply?> OnMessageAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct) => new((SmtpReply?)null);
}
