using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

public enum AddressKind
{
    Account = 0,
    Alias = 1,
    Group = 2,
}

/// <summary>The directory of local addresses: one row for each address of an account, alias or group, so that RCPT is one index look-up
/// and no two things can have one address.</summary>
public sealed class AddressEntry : ITenantOwned
{
    public DomainId DomainId { get; set; }
    /// <summary>Lower case, NFC.</summary>
    public required string LocalPart { get; set; }
    public TenantId TenantId { get; set; }
    public AddressKind Kind { get; set; }
    /// <summary>Id of the account, alias or group.</summary>
    public long TargetId { get; set; }
}
