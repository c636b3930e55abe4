namespace SaaS.MailHost.ManageSieve;

/// <summary>Section Sieve. What scripts may do is in Sieve:Limits.</summary>
internal sealed class ManageSieveOptions
{
    public const string Section = "Sieve";

    /// <summary>From connection to sign-in, all told. Default 60 s.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a signed-in client may be silent. Default 30 min, the least that RFC 5804 §1.2 allows.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a client may take for the next block of what it asked for, before it is cut. Default 5 min.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Octets of a command before sign-in, literals included. Default 8 KB.</summary>
    public int MaxAnonymousCommand { get; set; } = 8 * 1024;

    /// <summary>Commands in a row that make no sense, after which the connection ends. Default 10.</summary>
    public int MaxBadCommands { get; set; } = 10;

    /// <summary>Failed sign-ins of one connection. Default 3.</summary>
    public int MaxFailedLogins { get; set; } = 3;

    /// <summary>How long the answer to a failed sign-in waits, times the number of failures. Default 1 s.</summary>
    public TimeSpan FailedLoginDelay { get; set; } = TimeSpan.FromSeconds(1);
}
