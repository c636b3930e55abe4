using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>8BITMIME: BODY=7BIT or 8BITMIME. Octets above 127 are taken either way and never changed.</summary>
/// <remarks>RFC 6152 §2; BODY=BINARYMIME RFC 3030 §3.</remarks>
internal sealed class EightBitMimeExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "8BITMIME";

    public override IReadOnlyList<string> MailParameters { get; } = ["BODY"];

    // body-value ::= "7BIT" / "8BITMIME" / "BINARYMIME"
    public override SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter)
    {
        BodyKind? body = parameter.Value?.ToUpperInvariant() switch
        {
            "7BIT" => BodyKind.SevenBit,
            "8BITMIME" => BodyKind.EightBit,
            "BINARYMIME" => BodyKind.Binary,
            _ => null,
        };
        if (body is null)
        {
            return BadValue("BODY");
        }

        transaction.Body = body.Value;
        return null;
    }
}
