using SaaS.Domain.Common;

namespace SaaS.Domain.Plans;

/// <summary>What a tenant has bought. A plan without a reseller is offered to every reseller.</summary>
public sealed class Plan
{
    public PlanId Id { get; set; }
    public ResellerId? ResellerId { get; set; }
    public required string Name { get; set; }
    /// <summary>Storage of each new account, bytes.</summary>
    public long AccountQuotaBytes { get; set; }
    /// <summary>0 = no limit.</summary>
    public int MaxAccounts { get; set; }
    /// <summary>0 = no limit.</summary>
    public int MaxDomains { get; set; }
    /// <summary>Largest message accepted or sent, bytes.</summary>
    public long MaxMessageBytes { get; set; }
    /// <summary>Recipients that one account may send to in 24 hours.</summary>
    public int SendPerDay { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }
}
