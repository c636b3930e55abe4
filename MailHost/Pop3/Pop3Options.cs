namespace SaaS.MailHost.Pop3;

/// <summary>Section Pop3.</summary>
internal sealed class Pop3Options
{
    public const string Section = "Pop3";

    /// <summary>From connection to login, all told. Default 60 s.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a signed-in client may be silent. Default 10 min, the least that RFC 1939 §3 allows.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may take for the next block of what it asked for, before it is cut. Default 5 min.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Commands in a row that make no sense, after which the connection ends. Default 10.</summary>
    public int MaxBadCommands { get; set; } = 10;

    /// <summary>Failed logins of one connection. Default 3.</summary>
    public int MaxFailedLogins { get; set; } = 3;

    /// <summary>How long the answer to a failed login waits, times the number of failures. Default 1 s.</summary>
    public TimeSpan FailedLoginDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Least time between two logins of an account on a node, told as LOGIN-DELAY; whoever comes sooner is refused (RFC 2449 §6.5). Default
    /// none.
    /// </summary>
    public TimeSpan LoginDelay { get; set; } = TimeSpan.Zero;

    /// <summary>Connections that one account may hold; those from trusted networks are not counted. Default 15, 0 = no limit.</summary>
    public int ConnectionsPerAccount { get; set; } = 15;

    /// <summary>Messages that one session shows; the oldest first. Default 200,000.</summary>
    public int MaxMessages { get; set; } = 200_000;
}
