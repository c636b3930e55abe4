using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>The counters of an account's mail store; one narrow row, locked first by every change to the account's mail.</summary>
public sealed class AccountState
{
    public AccountId AccountId { get; set; }
    public TenantId TenantId { get; set; }
    /// <summary>The one counter of change: the last value taken.</summary>
    public long ModSeq { get; set; }
    public long UsedBytes { get; set; }
    public long QuotaBytes { get; set; }
    public int MessageCount { get; set; }
    /// <summary>The highest modseq whose tombstones are gone: changes since before it cannot be told (JMAP cannotCalculateChanges).</summary>
    public long TombstonesFrom { get; set; }
    /// <summary>Modseq of the last change to a Sieve script or the vacation response (JMAP state).</summary>
    public long SieveState { get; set; }
    /// <summary>The same where something filters deliveries; 0 where nothing does. A delivery commits only against the version that it saw.</summary>
    public long SieveVersion { get; set; }
    /// <summary>The account's home is elsewhere (<see cref="Account.AtLegacy"/>): no delivery is stored here, whatever a node remembers.</summary>
    public bool Elsewhere { get; set; }
}
