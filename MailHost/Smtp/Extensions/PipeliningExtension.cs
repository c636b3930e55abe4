namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>PIPELINING: commands may be sent ahead; replies are flushed together when the input runs dry.</summary>
/// <remarks>RFC 2920.</remarks>
internal sealed class PipeliningExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "PIPELINING";
}
