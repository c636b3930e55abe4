using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>SMTPUTF8: addresses and headers in UTF-8.</summary>
/// <remarks>RFC 6531 §3.1, §3.4.</remarks>
internal sealed class SmtpUtf8Extension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "SMTPUTF8";

    public override IReadOnlyList<string> MailParameters { get; } = ["SMTPUTF8"];

    public override SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter)
    {
        if (parameter.Value is not null)
        {
            return BadValue("SMTPUTF8");
        }

        transaction.SmtpUtf8 = true;
        return null;
    }
}
