using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;
using SaaS.Domain.Resellers;
using SaaS.Domain.Tenants;

namespace SaaS.Domain.Plans;

/// <summary>
/// The limits of plan and reseller, in one place. Each check locks its owner until the caller's transaction ends, so that two creates at once
/// cannot both take the last place. Counts are the platform's: a tenant admin cannot see the reseller's other tenants.
/// </summary>
public sealed class PlanLimits(MailDbContext db, PlatformQuery platform)
{
    public async Task<Refusal?> CheckTenantAsync(Reseller reseller, CancellationToken ct)
    {
        if (reseller.MaxTenants == 0)
        {
            return null;
        }

        await db.LockAsync(LockOf.ResellerLimits, reseller.Id.Value, ct);
        var there = await platform.AskAsync(p => p.Tenants.CountAsync(x => x.ResellerId == reseller.Id, ct));
        return there < reseller.MaxTenants ? null : new Refusal(RefusalReason.LimitReached, "The reseller's limit of tenants is reached.");
    }

    public async Task<Refusal?> CheckDomainAsync(Tenant tenant, CancellationToken ct)
    {
        var plan = await PlanOfAsync(tenant, ct);
        if (plan.MaxDomains == 0)
        {
            return null;
        }

        await db.LockAsync(LockOf.TenantLimits, tenant.Id.Value, ct);
        var there = await platform.AskAsync(p => p.Domains.CountAsync(x => x.TenantId == tenant.Id, ct));
        return there < plan.MaxDomains ? null : new Refusal(RefusalReason.LimitReached, "The plan's limit of domains is reached.");
    }

    /// <summary>Room for one more account; gives the plan, whose quota the account gets.</summary>
    public async Task<Outcome<Plan>> CheckAccountAsync(Tenant tenant, CancellationToken ct)
    {
        var plan = await PlanOfAsync(tenant, ct);
        var resellerMax = await platform.AskAsync(
            p => p.Resellers.Where(x => x.Id == tenant.ResellerId).Select(x => x.MaxAccounts).FirstAsync(ct));
        if (resellerMax > 0)
        {
            await db.LockAsync(LockOf.ResellerLimits, tenant.ResellerId.Value, ct);
            var sold = await platform.AskAsync(p => p.Accounts.CountAsync(
                x => p.Tenants.Any(t => t.Id == x.TenantId && t.ResellerId == tenant.ResellerId), ct));
            if (sold >= resellerMax)
            {
                return new Refusal(RefusalReason.LimitReached, "The reseller's limit of accounts is reached.");
            }
        }

        if (plan.MaxAccounts > 0)
        {
            await db.LockAsync(LockOf.TenantLimits, tenant.Id.Value, ct);
            var there = await platform.AskAsync(p => p.Accounts.CountAsync(x => x.TenantId == tenant.Id, ct));
            if (there >= plan.MaxAccounts)
            {
                return new Refusal(RefusalReason.LimitReached, "The plan's limit of accounts is reached.");
            }
        }

        return plan;
    }

    /// <summary>What the tenant has must fit into the plan that it is to get.</summary>
    public async Task<Refusal?> CheckPlanAsync(TenantId tenant, PlanId wanted, CancellationToken ct)
    {
        var plan = await db.Plans.AsNoTracking().FirstAsync(x => x.Id == wanted, ct);
        var (accounts, domains) = await platform.AskAsync(async p => (
            await p.Accounts.CountAsync(x => x.TenantId == tenant, ct), await p.Domains.CountAsync(x => x.TenantId == tenant, ct)));
        return (plan.MaxAccounts > 0 && accounts > plan.MaxAccounts) || (plan.MaxDomains > 0 && domains > plan.MaxDomains)
            ? new Refusal(RefusalReason.LimitReached, "The tenant has more than this plan allows.", "planId")
            : null;
    }

    private Task<Plan> PlanOfAsync(Tenant tenant, CancellationToken ct) =>
        platform.AskAsync(p => p.Plans.AsNoTracking().FirstAsync(x => x.Id == tenant.PlanId, ct));
}
