using System.Globalization;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>LIMITS: says the limits of a session beforehand, so that nobody has to run into them.</summary>
/// <remarks>RFC 9422 §4. MAILMAX is not announced to trusted networks, which have none.</remarks>
internal sealed class LimitsExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session)
    {
        var options = session.Profile.Options;
        return session.Trusted
            ? string.Create(CultureInfo.InvariantCulture, $"LIMITS RCPTMAX={options.RecipientsPerMessage}")
            : string.Create(CultureInfo.InvariantCulture, $"LIMITS MAILMAX={options.MessagesPerSession} RCPTMAX={options.RecipientsPerMessage}");
    }
}
