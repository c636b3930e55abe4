namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>BINARYMIME: octets of any kind by BDAT; the value of BODY is read by EightBitMimeExtension.</summary>
/// <remarks>RFC 3030 §3.</remarks>
internal sealed class BinaryMimeExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "BINARYMIME";
}
