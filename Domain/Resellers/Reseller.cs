using SaaS.Domain.Common;

namespace SaaS.Domain.Resellers;

/// <summary>Sells the platform under a name of its own; owns tenants, plans and a brand.</summary>
public sealed class Reseller
{
    public ResellerId Id { get; set; }
    public required string Name { get; set; }
    public bool Suspended { get; set; }
    /// <summary>0 = no limit.</summary>
    public int MaxTenants { get; set; }
    /// <summary>0 = no limit.</summary>
    public int MaxAccounts { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>Row version (PostgreSQL xmin): the ETag.</summary>
    public uint Version { get; set; }
}
