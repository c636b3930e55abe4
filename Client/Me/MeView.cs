namespace SaaS.Client.Me;

/// <summary>Who the token speaks for.</summary>
/// <param name="Roles">operator, reseller_admin, tenant_admin, user.</param>
/// <param name="TwoFactor">True: sign-in asks for a code too.</param>
public sealed record MeView(
    long UserId, string Login, string DisplayName, IReadOnlyList<string> Roles, long? AccountId, long? TenantId, string? TenantName,
    long? ResellerId, string? ResellerName, long UsedBytes, long QuotaBytes, bool TwoFactor);

public sealed record ChangePassword(string Current, string Password);

public sealed record UpdateMe(string DisplayName);
