namespace SaaS.MailHost.AccessProxy;

/// <summary>Section AccessProxy: connections to legacy platforms, for accounts that have not moved yet.</summary>
internal sealed class AccessProxyOptions
{
    public const string Section = "AccessProxy";

    /// <summary>To one address of a host. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>From the connection to the platform's answer to the password, and for each step of a delivery. Default 30 s.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Without an octet either way a passed-on connection ends. Default 35 minutes: above the 30 that IMAP grants.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(35);

    /// <summary>When the node stops, a passed-on connection ends once nothing has passed for this long. Default 5 s.</summary>
    public TimeSpan DrainIdle { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections that the node opens to one port of one host, where the platform names no number of its own. Default 10,000.</summary>
    public int ConnectionsPerHost { get; set; } = 10_000;

    /// <summary>A host that could not be reached is not tried again for this long: those who wait for it are told at once. Default 3 s.</summary>
    public TimeSpan RestAfterFailure { get; set; } = TimeSpan.FromSeconds(3);
}
