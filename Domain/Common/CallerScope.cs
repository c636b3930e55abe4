namespace SaaS.Domain.Common;

/// <summary>How far the caller can see. Every Domain query takes it; EF query filters and row-level security stand behind it.</summary>
public abstract record CallerScope
{
    private CallerScope() { }

    /// <summary>The platform itself: protocol servers, jobs, and people with the operator role.</summary>
    public sealed record Operator : CallerScope;

    public sealed record OfReseller(ResellerId Reseller) : CallerScope;

    public sealed record OfTenant(TenantId Tenant) : CallerScope;

    public sealed record OfAccount(AccountId Account, TenantId Tenant) : CallerScope;

    public static readonly CallerScope Platform = new Operator();

    public ResellerId? ResellerOnly => this is OfReseller r ? r.Reseller : null;

    public TenantId? TenantOnly => this switch { OfTenant t => t.Tenant, OfAccount a => a.Tenant, _ => null };

    public AccountId? AccountOnly => this is OfAccount a ? a.Account : null;

    /// <summary>True where everything that <paramref name="other"/> sees is seen by this scope too (a grant never exceeds its giver's own).</summary>
    /// <param name="other">The scope that is to be granted.</param>
    /// <param name="resellerOfOther">The reseller that the other scope's tenant belongs to, where it has a tenant.</param>
    public bool Covers(CallerScope other, ResellerId? resellerOfOther) => (this, other) switch
    {
        (Operator, _) => true,
        (OfReseller a, OfReseller b) => a.Reseller == b.Reseller,
        (OfReseller a, OfTenant or OfAccount) => resellerOfOther == a.Reseller,
        (OfTenant a, OfTenant b) => a.Tenant == b.Tenant,
        (OfTenant a, OfAccount b) => a.Tenant == b.Tenant,
        (OfAccount a, OfAccount b) => a.Account == b.Account,
        _ => false,
    };
}

/// <summary>Who acts in this unit of work; scoped. The hosts set it once, after authentication.</summary>
public sealed class Caller
{
    public CallerScope Scope { get; set; } = CallerScope.Platform;

    /// <summary>The signed-in user's id, null for the platform itself.</summary>
    public long? UserId { get; set; }

    public string? Name { get; set; }

    public System.Net.IPAddress? Address { get; set; }
}
