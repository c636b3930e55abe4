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

/// <param name="LegacyPlatformId">The platform that it comes from.</param>
/// <param name="AtLegacy">It is still at home there: sign-ins and mail are passed on.</param>
/// <param name="LegacyUserName">Its user name there; null: by the platform's rule.</param>
public sealed record AccountView(
    long Id, long TenantId, long DomainId, string Address, string DisplayName, AccountType Type, bool Suspended, IReadOnlyList<AccountRole> Roles,
    IReadOnlyList<string> ForwardTo, bool KeepForwarded, long UsedBytes, long QuotaBytes, int Messages, DateTimeOffset CreatedAt, string Version,
    long? LegacyPlatformId = null, bool AtLegacy = false, string? LegacyUserName = null);

/// <param name="Address">local-part@domain; the domain is one of the tenant's.</param>
/// <param name="Password">At least 10 characters; null for a shared mailbox.</param>
/// <param name="QuotaBytes">Null: the plan's.</param>
/// <param name="PasswordHash">From another system, instead of a password: bcrypt, SHA-crypt, SSHA, PBKDF2 or Argon2 as Dovecot, passlib or crypt write them.</param>
/// <param name="LegacyPlatformId">It is at home there until it is flipped; then neither password nor hash is needed.</param>
public sealed record CreateAccount(
    string Address, string DisplayName, string? Password, AccountType Type = AccountType.User, long? QuotaBytes = null,
    IReadOnlyList<AccountRole>? Roles = null, string? PasswordHash = null, long? LegacyPlatformId = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record UpdateAccount(
    string? DisplayName = null, long? QuotaBytes = null, IReadOnlyList<AccountRole>? Roles = null, IReadOnlyList<string>? ForwardTo = null,
    bool? KeepForwarded = null);

public sealed record SetPassword(string Password);

public sealed record SetSuspended(bool Suspended);

/// <param name="PasswordHash">As another system wrote it; gives way to a new one when the password is first used.</param>
public sealed record SetPasswordHash(string PasswordHash);

/// <summary>Null leaves a field as it is. Takes effect at the next sign-in and delivery, and can be flipped back.</summary>
/// <param name="AtLegacy">True: at home on the platform; false: here.</param>
/// <param name="PlatformId">Which platform it belongs to.</param>
/// <param name="UserName">Its user name there; "" for the platform's rule.</param>
public sealed record SetAccountHome(bool? AtLegacy = null, long? PlatformId = null, string? UserName = null);
