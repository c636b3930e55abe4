namespace SaaS.Client.Plans;

/// <summary>What a tenant can buy. Limits of 0 mean none. Without a reseller it is offered to every reseller.</summary>
public sealed record PlanView(
    long Id, long? ResellerId, string Name, long AccountQuotaBytes, int MaxAccounts, int MaxDomains, long MaxMessageBytes, int SendPerDay,
    int Tenants, DateTimeOffset CreatedAt, string Version);

public sealed record CreatePlan(
    string Name, long AccountQuotaBytes, int MaxAccounts = 0, int MaxDomains = 0, long MaxMessageBytes = 52_428_800, int SendPerDay = 2000,
    long? ResellerId = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdatePlan(
    string? Name = null, long? AccountQuotaBytes = null, int? MaxAccounts = null, int? MaxDomains = null, long? MaxMessageBytes = null,
    int? SendPerDay = null);
