namespace SaaS.MailHost.Imap;

/// <summary>Section Imap.</summary>
internal sealed class ImapOptions
{
    public const string Section = "Imap";

    /// <summary>From connection to login, all told. Default 60 s.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a signed-in client may be silent, IDLE included. Default 30 min; RFC 9051 §5.4 forbids less than 29.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a client may take for the next block of what it asked for, before it is cut. Default 5 min.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Octets of a command, literals included, before login; and of its one line. Default 8 KB.</summary>
    public int MaxAnonymousCommand { get; set; } = 8 * 1024;

    /// <summary>Octets of one line after login. Default 64 KB.</summary>
    public int MaxLine { get; set; } = 64 * 1024;

    /// <summary>Octets of one command after login with all its literals, the message of APPEND aside. Default 1 MB.</summary>
    public int MaxCommand { get; set; } = 1024 * 1024;

    /// <summary>Octets of a message to APPEND (RFC 7889). Default 75 MB.</summary>
    public int MaxMessage { get; set; } = 75 * 1024 * 1024;

    /// <summary>Commands in a row that make no sense, after which the connection ends. Default 10.</summary>
    public int MaxBadCommands { get; set; } = 10;

    /// <summary>Failed logins of one connection. Default 3.</summary>
    public int MaxFailedLogins { get; set; } = 3;

    /// <summary>How long the answer to a failed login waits, times the number of failures. Default 1 s.</summary>
    public TimeSpan FailedLoginDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a long SEARCH, SORT or THREAD tells how far it is (RFC 9585). Default 5 s.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>URL of the JMAP session for clients that came with a token (RFC 9698). Default none: not offered.</summary>
    public string? JmapUrl { get; set; }

    /// <summary>
    /// Commands a minute of one signed-in connection, over the long run: ten minutes' worth may come at once, as a first synchronisation does, and
    /// what comes faster then waits. Those from trusted networks are not counted. Default 2,000, 0 = no limit.
    /// </summary>
    public int CommandsPerMinute { get; set; } = 2000;

    /// <summary>Messages that one APPEND or COPY may store (SAVELIMIT, RFC 9738). Default 100,000.</summary>
    public int SaveLimit { get; set; } = 100_000;

    /// <summary>Connections that one account may hold; those from trusted networks are not counted. Default 30, 0 = no limit.</summary>
    public int ConnectionsPerAccount { get; set; } = 30;
}
