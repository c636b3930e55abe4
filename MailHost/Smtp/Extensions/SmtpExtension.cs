using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>An ESMTP extension (RFC 5321 §2.2): its EHLO line and the parameters that it adds to MAIL and RCPT.</summary>
internal abstract class SmtpExtension
{
    /// <summary>The EHLO line; null: not offered to this session now, and then its parameters are unknown too.</summary>
    public abstract string? Keyword(SmtpSession session);

    /// <summary>Keywords of MAIL parameters, upper case.</summary>
    public virtual IReadOnlyList<string> MailParameters => [];

    /// <summary>Keywords of RCPT parameters, upper case.</summary>
    public virtual IReadOnlyList<string> RcptParameters => [];

    /// <summary>One of <see cref="MailParameters"/> was given. Null: accepted.</summary>
    public virtual SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter) => null;

    /// <summary>One of <see cref="RcptParameters"/> was given. Null: accepted.</summary>
    public virtual SmtpReply? OnRcpt(SmtpSession session, SmtpRecipient recipient, EsmtpParameter parameter) => null;

    protected static SmtpReply BadValue(string keyword) => new(501, "5.5.4", $"Bad value of {keyword}.");
}
