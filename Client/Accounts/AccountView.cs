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

/// <summary>What a member may do in a shared mailbox. Full is Write and to share its folders; sending is given apart.</summary>
public enum MemberRight
{
    Read,
    Write,
    Full,
    SendAs,
    SendOnBehalf,
}

public enum MemberType
{
    User,
    Group,
}

/// <param name="Address">Of a user or a group of the same tenant.</param>
public sealed record MemberView(string Address, MemberType Type, IReadOnlyList<MemberRight> Rights);

public sealed record MemberList(IReadOnlyList<MemberView> Items);

public sealed record SetMember(IReadOnlyList<MemberRight> Rights);

public sealed record SetPassword(string Password);

public sealed record SetSuspended(bool Suspended);
