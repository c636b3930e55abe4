namespace SaaS.MailHost.Smtp;

/// <summary>Limits of one SMTP service; sections Smtp:Mx, Smtp:Submission, Smtp:Lmtp.</summary>
internal sealed class SmtpOptions
{
    /// <summary>Octets of one message; offered by SIZE.</summary>
    public long MaxMessageBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>Recipients of one message; more get 452 and are tried in another transaction. RFC 5321 asks for at least 100.</summary>
    public int RecipientsPerMessage { get; set; } = 100;

    /// <summary>Without any octet from the client (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>From the first octet of a message to its last, whatever pace the client keeps: 50 MB then need 28 KB/s. Whoever dribbles
    /// is cut, with nothing taken.</summary>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Life of a session; looked at between transactions.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages of a session. 10 is common, but costs big senders a handshake for each ten.</summary>
    public int MessagesPerSession { get; set; } = 100;

    /// <summary>Octets of a session.</summary>
    public long BytesPerSession { get; set; } = 250L * 1024 * 1024;

    /// <summary>Unknown recipients until the session ends: somebody is guessing.</summary>
    public int UnknownRecipientsPerSession { get; set; } = 5;

    /// <summary>Failed AUTH until the session ends.</summary>
    public int AuthFailuresPerSession { get; set; } = 3;

    /// <summary>Syntax and order errors until the session ends.</summary>
    public int ErrorsPerSession { get; set; } = 10;

    /// <summary>Extensions that are not offered before sign-in, such as CHUNKING, BINARYMIME and SMTPUTF8: a connection that is passed on to a legacy
    /// platform behind AUTH has what that offers, and few clients ask again. Default: none.</summary>
    public List<string> HiddenUntilSignIn { get; set; } = [];

    internal string? Fault() =>
        MaxMessageBytes is < 64 * 1024 or > int.MaxValue ? "MaxMessageBytes must lie between 65536 and 2147483647."
        : RecipientsPerMessage < 1 || MessagesPerSession < 1 || BytesPerSession < MaxMessageBytes || UnknownRecipientsPerSession < 1
            || AuthFailuresPerSession < 1 || ErrorsPerSession < 1 ? "a limit per session is below one, or BytesPerSession below MaxMessageBytes."
        : IdleTimeout <= TimeSpan.Zero || MessageTimeout <= TimeSpan.Zero || SessionTimeout <= TimeSpan.Zero ? "a timeout is not above zero."
        : null;
}
