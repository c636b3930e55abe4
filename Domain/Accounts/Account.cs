using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

public enum AccountKind
{
    User = 0,
    Shared = 1,
}

/// <summary>A mailbox with an address of its own. Its counters live in <see cref="AccountState"/>, which changes with every delivery.</summary>
public sealed class Account : ITenantOwned
{
    public AccountId Id { get; set; }
    public TenantId TenantId { get; set; }
    public DomainId DomainId { get; set; }
    /// <summary>Lower case, NFC.</summary>
    public required string LocalPart { get; set; }
    /// <summary>LocalPart@domain: the primary address and the login.</summary>
    public required string Address { get; set; }
    public required string DisplayName { get; set; }
    public AccountKind Kind { get; set; }
    public bool Suspended { get; set; }
    /// <summary>Addresses that a copy of each message goes to.</summary>
    public List<string> ForwardTo { get; set; } = [];
    /// <summary>With ForwardTo: store a copy here too.</summary>
    public bool KeepForwarded { get; set; } = true;
    /// <summary>The platform that it comes from, where there is one; it may be flipped between there and here.</summary>
    public LegacyPlatformId? LegacyPlatformId { get; set; }
    /// <summary>How the account signs in there; null: as the platform's rule has it.</summary>
    public string? LegacyUserName { get; set; }
    /// <summary>Its home is still there: sign-ins and mail are passed on.</summary>
    public bool AtLegacy { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? DeletedAt { get; set; }
    public uint Version { get; set; }
}
