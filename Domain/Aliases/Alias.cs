using SaaS.Domain.Common;

namespace SaaS.Domain.Aliases;

/// <summary>An address that stands for one or more others, here or elsewhere. Its account targets may send as it.</summary>
public sealed class Alias : ITenantOwned
{
    public long Id { get; set; }
    public TenantId TenantId { get; set; }
    public DomainId DomainId { get; set; }
    public required string LocalPart { get; set; }
    public required string Address { get; set; }
    /// <summary>1 to 100 addresses.</summary>
    public List<string> Targets { get; set; } = [];
    public bool Enabled { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }
}
