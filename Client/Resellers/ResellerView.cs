namespace SaaS.Client.Resellers;

/// <summary>A reseller. Limits of 0 mean none. <paramref name="Version"/> goes back with the next update.</summary>
public sealed record ResellerView(
    long Id, string Name, bool Suspended, int MaxTenants, int MaxAccounts, int Tenants, int Accounts, DateTimeOffset CreatedAt, string Version);

public sealed record CreateReseller(string Name, int MaxTenants = 0, int MaxAccounts = 0);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateReseller(string? Name = null, bool? Suspended = null, int? MaxTenants = null, int? MaxAccounts = null);

/// <summary>A sign-in of a reseller's admin; it needs no mailbox here.</summary>
public sealed record ResellerAdminView(long UserId, string Login, string DisplayName, DateTimeOffset GrantedAt);

public sealed record CreateResellerAdmin(string Login, string DisplayName, string Password);
