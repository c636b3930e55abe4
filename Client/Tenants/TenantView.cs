namespace SaaS.Client.Tenants;

public sealed record TenantView(
    long Id, long ResellerId, string ResellerName, long PlanId, string PlanName, string Name, bool Suspended, int Domains, int Accounts,
    long UsedBytes, DateTimeOffset CreatedAt, string Version);

/// <summary>Resellers leave out the reseller: it is theirs.</summary>
public sealed record CreateTenant(string Name, long PlanId, long? ResellerId = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateTenant(string? Name = null, long? PlanId = null, bool? Suspended = null);
