using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.MailHost.Smtp;

/// <summary>What mx, submission and lmtp decide differently. Called by the engine; holds no state of a session.</summary>
internal interface ISmtpPolicy
{
    /// <summary>At MAIL, its parameters checked. Null: go on.</summary>
    ValueTask<SmtpReply?> OnMailAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct);

    /// <summary>At RCPT, its parameters checked.</summary>
    ValueTask<RouteDecision> OnRecipientAsync(SmtpSession session, MailAddress recipient, CancellationToken ct);

    /// <summary>The whole message is here, nothing is committed. May put other bytes into the transaction and header lines in front. Null: go on.</summary>
    ValueTask<SmtpReply?> OnMessageAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct);
}
