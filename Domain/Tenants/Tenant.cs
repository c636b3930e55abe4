using SaaS.Domain.Common;

namespace SaaS.Domain.Tenants;

/// <summary>A customer: a company, a university, a family. Owns domains and everything in them.</summary>
public sealed class Tenant
{
    public TenantId Id { get; set; }
    public ResellerId ResellerId { get; set; }
    public PlanId PlanId { get; set; }
    public required string Name { get; set; }
    public bool Suspended { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }
}
