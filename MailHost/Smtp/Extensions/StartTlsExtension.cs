namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>STARTTLS, until TLS is on. The command is in Commands/StartTlsCommand.cs.</summary>
/// <remarks>RFC 3207 §4.2.</remarks>
internal sealed class StartTlsExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => session.Connection.IsTls ? null : "STARTTLS";
}
