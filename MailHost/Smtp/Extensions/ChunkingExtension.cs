namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>CHUNKING: BDAT, in Commands/BdatCommand.cs.</summary>
/// <remarks>RFC 3030 §2.</remarks>
internal sealed class ChunkingExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "CHUNKING";
}
