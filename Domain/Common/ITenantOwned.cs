namespace SaaS.Domain.Common;

/// <summary>A row that belongs to one tenant; the model puts the tenancy filter and the row-level security policy on it.</summary>
public interface ITenantOwned
{
    TenantId TenantId { get; }
}
