using System.Globalization;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>SIZE: says the largest message taken, and refuses a larger one before it is sent.</summary>
/// <remarks>RFC 1870 §3, §6.</remarks>
internal sealed class SizeExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) =>
        string.Create(CultureInfo.InvariantCulture, $"SIZE {session.Profile.Options.MaxMessageBytes}");

    public override IReadOnlyList<string> MailParameters { get; } = ["SIZE"];

    // size-value ::= 1*20DIGIT
    public override SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter)
    {
        if (parameter.Value is not { Length: <= 20 } text || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return BadValue("SIZE");
        }

        var max = session.Profile.Options.MaxMessageBytes;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size > max)
        {
            return SmtpReplies.From(DataFault.TooLarge, max);
        }

        transaction.DeclaredSize = size;
        return null;
    }
}
