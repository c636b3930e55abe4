namespace SaaS.MailHost.Smtp;

/// <summary>One SMTP service: who speaks and by which rules.</summary>
/// <param name="Name">mx, submission or lmtp; in limits, metrics and logs.</param>
/// <param name="Lmtp">RFC 2033: LHLO, and a reply for each recipient.</param>
/// <param name="OffersAuth">AUTH is there at all.</param>
internal sealed record SmtpProfile(string Name, bool Lmtp, bool OffersAuth, ISmtpPolicy Policy, SmtpOptions Options);
