namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>ENHANCEDSTATUSCODES: every reply but those to EHLO, HELO and the 3xx carries one; SmtpReply writes it.</summary>
/// <remarks>RFC 2034.</remarks>
internal sealed class EnhancedStatusCodesExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "ENHANCEDSTATUSCODES";
}
