using SaaS.Domain.Common;

namespace SaaS.Domain.Groups;

/// <summary>A distribution group: mail to its address goes to every member.</summary>
public sealed class Group : ITenantOwned
{
    public long Id { get; set; }
    public TenantId TenantId { get; set; }
    public DomainId DomainId { get; set; }
    public required string LocalPart { get; set; }
    public required string Address { get; set; }
    public required string Name { get; set; }
    /// <summary>True: only senders of the tenant's own verified domains may write to it.</summary>
    public bool InternalOnly { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }
}

/// <summary>A member of a group; at most 10,000 a group.</summary>
public sealed class GroupMember : ITenantOwned
{
    public TenantId TenantId { get; set; }
    public long GroupId { get; set; }
    /// <summary>Normalised: local key @ A-label domain.</summary>
    public required string Address { get; set; }
}
