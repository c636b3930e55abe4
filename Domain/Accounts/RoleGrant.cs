using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

public enum Role
{
    Operator = 0,
    ResellerAdmin = 1,
    TenantAdmin = 2,
}

/// <summary>A role that a user holds, and over what. Without any grant a user reaches only the own account.</summary>
public sealed class RoleGrant
{
    public long Id { get; set; }
    public long UserId { get; set; }
    public Role Role { get; set; }
    public ResellerId? ResellerId { get; set; }
    public TenantId? TenantId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
