namespace SaaS.Domain.Dns;

/// <summary>Section Dns.</summary>
public sealed class DnsOptions
{
    /// <summary>"address:port" of the resolver; empty: the system's.</summary>
    public string Server { get; set; } = "";

    /// <summary>For one try of one question. Default 3 seconds, asked twice.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long everything answers TemporaryError after the resolver was found away. Default 15 seconds; zero: every question is asked.</summary>
    public TimeSpan BreakFor { get; set; } = TimeSpan.FromSeconds(15);

    public TimeSpan MaxTimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long "no such name" is remembered at most. Default 30 seconds.</summary>
    public TimeSpan MaxNegativeTimeToLive { get; set; } = TimeSpan.FromSeconds(30);
}
