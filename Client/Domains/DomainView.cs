namespace SaaS.Client.Domains;

public enum DomainStatus
{
    /// <summary>Its owner has not proven it: nothing routes to it.</summary>
    Pending,
    Verified,
    Suspended,
}

/// <param name="Name">A-label form; <paramref name="DisplayName"/> is what a person reads.</param>
/// <param name="ChallengeName">Name of the TXT record that proves ownership, its value is <paramref name="ChallengeValue"/>.</param>
/// <param name="CatchAll">Where mail for unknown addresses goes; null: it is refused.</param>
public sealed record DomainView(
    long Id, long TenantId, string TenantName, string Name, string DisplayName, DomainStatus Status, string ChallengeName, string ChallengeValue,
    string? CatchAll, int Accounts, int Aliases, int Groups, DateTimeOffset? VerifiedAt, DateTimeOffset? CheckedAt, DateTimeOffset CreatedAt,
    string Version);

/// <summary>Tenant admins leave out the tenant: it is theirs.</summary>
public sealed record CreateDomain(string Name, long? TenantId = null);

/// <summary>Null leaves a field as it is; an empty CatchAll switches it off.</summary>
public sealed record UpdateDomain(string? CatchAll = null, bool? Suspended = null);

public enum DnsRecordState
{
    Ok,
    Missing,
    Differs,
    /// <summary>DNS gave no usable answer; try again later.</summary>
    Unknown,
}

/// <summary>A record to publish, and what DNS shows now.</summary>
/// <param name="Purpose">ownership, mx, spf, dkim, dmarc, mtaSts, tlsRpt or autoconfig.</param>
/// <param name="Required">False: mail works without it.</param>
/// <param name="Explanation">One sentence for the admin.</param>
public sealed record DnsRecordView(
    string Purpose, string Type, string Name, string Value, bool Required, DnsRecordState State, IReadOnlyList<string> Seen, string Explanation);

public sealed record DnsReport(string Domain, DateTimeOffset CheckedAt, bool Ready, IReadOnlyList<DnsRecordView> Records);
