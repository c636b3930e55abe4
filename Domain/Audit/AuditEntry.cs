using SaaS.Domain.Common;

namespace SaaS.Domain.Audit;

/// <summary>Who did what to what, when, from where. Written in the transaction of the change.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }
    public DateTimeOffset At { get; set; }
    public long? UserId { get; set; }
    public string? UserName { get; set; }
    public ResellerId? ResellerId { get; set; }
    public TenantId? TenantId { get; set; }
    /// <summary>noun.verb, such as domain.verify.</summary>
    public required string Action { get; set; }
    /// <summary>What it was done to, as a person names it.</summary>
    public required string Target { get; set; }
    /// <summary>JSON object of changed fields, secrets left out.</summary>
    public string? Details { get; set; }
    public string? Address { get; set; }
}
