namespace SaaS.Client.Accounts;

public enum AccountType
{
    User,
    /// <summary>A mailbox without a sign-in of its own.</summary>
    Shared,
}

/// <summary>Roles that an account's user can hold beside the own mailbox.</summary>
public enum AccountRole
{
    Operator,
    ResellerAdmin,
    TenantAdmin,
}

public sealed record AccountView(
    long Id, long TenantId, long DomainId, string Address, string DisplayName, AccountType Type, bool Suspended, IReadOnlyList<AccountRole> Roles,
    IReadOnlyList<string> ForwardTo, bool KeepForwarded, long UsedBytes, long QuotaBytes, int Messages, DateTimeOffset CreatedAt, string Version);

/// <param name="Address">local-part@domain; the domain is one of the tenant's.</param>
/// <param name="Password">At least 10 characters; null for a shared mailbox.</param>
/// <param name="QuotaBytes">Null: the plan's.</param>
public sealed record CreateAccount(
    string Address, string DisplayName, string? Password, AccountType Type = AccountType.User, long? QuotaBytes = null,
    IReadOnlyList<AccountRole>? Roles = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateAccount(
    string? DisplayName = null, long? QuotaBytes = null, IReadOnlyList<AccountRole>? Roles = null, IReadOnlyList<string>? ForwardTo = null,
    bool? KeepForwarded = null);

public sealed record SetPassword(string Password);

public sealed record SetSuspended(bool Suspended);
