using SaaS.MailHost.Sasl;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>AUTH with the mechanisms that this connection may use; none without TLS, unless a setting allows it.</summary>
/// <remarks>RFC 4954 §3; the AUTH parameter of MAIL §5 is checked for form and not believed.</remarks>
internal sealed class AuthExtension(SaslServer sasl) : SmtpExtension
{
    public override string? Keyword(SmtpSession session)
    {
        if (!session.Profile.OffersAuth)
        {
            return null;
        }

        var names = string.Join(' ', sasl.Offered(session.Connection));
        return names.Length == 0 ? null : "AUTH " + names;
    }

    public override IReadOnlyList<string> MailParameters { get; } = ["AUTH"];

    public override SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter) =>
        parameter.Value is { } value && XText.TryDecode(value, out _) ? null : BadValue("AUTH");
}
