using SaaS.Domain.Common;

namespace SaaS.Domain.Domains;

public enum DomainState
{
    /// <summary>Added; its owner has not proven it. Nothing routes to it.</summary>
    Pending = 0,
    /// <summary>Proven by the TXT record, or vouched for by an operator: routes here.</summary>
    Verified = 1,
    /// <summary>Switched off by an admin or operator.</summary>
    Suspended = 2,
}

/// <summary>A mail domain of a tenant. Only one tenant can hold a name verified; any number can have it pending.</summary>
public sealed class MailDomain : ITenantOwned
{
    public DomainId Id { get; set; }
    public TenantId TenantId { get; set; }
    /// <summary>A-label form, lower case.</summary>
    public required string Name { get; set; }
    public DomainState State { get; set; }
    /// <summary>Value of the TXT record at _postyard-challenge.NAME that proves ownership.</summary>
    public required string VerificationToken { get; set; }
    public DateTimeOffset? VerifiedAt { get; set; }
    public DateTimeOffset? CheckedAt { get; set; }
    /// <summary>Where mail for unknown local-parts goes; null = refused with 550.</summary>
    public string? CatchAll { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }
}
