using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Domain.Tenants;

/// <param name="Reseller">Resellers may leave it out: it is theirs.</param>
public sealed record NewTenant(string Name, PlanId Plan, ResellerId? Reseller = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record TenantChange(string? Name = null, PlanId? Plan = null, bool? Suspended = null);

public sealed record TenantSummary(Tenant Tenant, string ResellerName, string PlanName, int Domains, int Accounts, long UsedBytes);

/// <summary>Tenants: a reseller's customers. A tenant sees itself; name, plan and suspension are the reseller's to change.</summary>
public sealed class TenantService(MailDbContext db, AuditLog audit, PlanLimits limits, TimeProvider time)
{
    public async Task<Outcome<Tenant>> CreateAsync(NewTenant wanted, CancellationToken ct)
    {
        ResellerId owner;
        switch (db.Caller.Scope)
        {
            case CallerScope.Operator when wanted.Reseller is { } named:
                owner = named;
                break;
            case CallerScope.Operator:
                return Refusal.Invalid("resellerId", "Name the reseller that the tenant belongs to.");
            case CallerScope.OfReseller own when wanted.Reseller is null || wanted.Reseller == own.Reseller:
                owner = own.Reseller;
                break;
            case CallerScope.OfReseller:
                return Refusal.NotFound("reseller");
            default:
                return new Refusal(RefusalReason.Forbidden, "Only resellers and operators make tenants.");
        }

        if (Names.Check(wanted.Name, "name") is { } bad)
        {
            return bad;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Resellers.AsNoTracking().FirstOrDefaultAsync(x => x.Id == owner, ct) is not { } reseller)
        {
            return Refusal.NotFound("reseller");
        }

        if (reseller.Suspended)
        {
            return new Refusal(RefusalReason.Suspended, "The reseller is suspended.");
        }

        if (!await PlanFitsAsync(wanted.Plan, owner, ct))
        {
            return Refusal.Invalid("planId", "No such plan.");
        }

        if (await limits.CheckTenantAsync(reseller, ct) is { } full)
        {
            return full;
        }

        var tenant = new Tenant { Name = wanted.Name.Trim(), ResellerId = owner, PlanId = wanted.Plan, CreatedAt = time.GetUtcNow() };
        db.Add(tenant);
        await db.SaveChangesAsync(ct);
        audit.Add("tenant.create", tenant.Name, owner, tenant.Id);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return tenant;
    }

    public async Task<Page<TenantSummary>> ListAsync(ResellerId? reseller, ListQuery list, CancellationToken ct)
    {
        var query = db.Tenants.AsNoTracking().Where(x => x.Id > new TenantId(list.After ?? 0));
        if (reseller is { } of)
        {
            query = query.Where(x => x.ResellerId == of);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await Summarize(query.OrderBy(x => x.Id).Take(list.Limit + 1)).ToListAsync(ct), x => x.Tenant.Id.Value);
    }

    public async Task<Outcome<TenantSummary>> GetAsync(TenantId id, CancellationToken ct) =>
        await Summarize(db.Tenants.AsNoTracking().Where(x => x.Id == id)).FirstOrDefaultAsync(ct) is { } found
            ? found
            : Refusal.NotFound("tenant");

    public async Task<Outcome<Tenant>> UpdateAsync(TenantId id, TenantChange change, uint? version, CancellationToken ct)
    {
        if (await db.Tenants.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } tenant)
        {
            return Refusal.NotFound("tenant");
        }

        if (db.Caller.Scope is not (CallerScope.Operator or CallerScope.OfReseller))
        {
            return new Refusal(RefusalReason.Forbidden, "Only the reseller changes this.");
        }

        if ((Saving.CheckVersion(version, tenant.Version) ?? (change.Name is null ? null : Names.Check(change.Name, "name"))) is { } bad)
        {
            return bad;
        }

        if (change.Plan is { } plan && plan != tenant.PlanId)
        {
            if (!await PlanFitsAsync(plan, tenant.ResellerId, ct))
            {
                return Refusal.Invalid("planId", "No such plan.");
            }

            if (await limits.CheckPlanAsync(id, plan, ct) is { } tooSmall)
            {
                return tooSmall;
            }

            tenant.PlanId = plan;
        }

        tenant.Name = change.Name?.Trim() ?? tenant.Name;
        tenant.Suspended = change.Suspended ?? tenant.Suspended;
        audit.Add("tenant.update", tenant.Name, tenant.ResellerId, id, change);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : tenant;
    }

    /// <summary>Refusals: HasChildren while it has domains.</summary>
    public async Task<Refusal?> DeleteAsync(TenantId id, uint? version, CancellationToken ct)
    {
        if (await db.Tenants.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } tenant)
        {
            return Refusal.NotFound("tenant");
        }

        if (db.Caller.Scope is not (CallerScope.Operator or CallerScope.OfReseller))
        {
            return new Refusal(RefusalReason.Forbidden, "Only the reseller deletes a tenant.");
        }

        if (Saving.CheckVersion(version, tenant.Version) is { } old)
        {
            return old;
        }

        if (await db.Domains.AnyAsync(x => x.TenantId == id, ct))
        {
            return new Refusal(RefusalReason.HasChildren, "The tenant still has domains.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.RoleGrants.Where(x => x.TenantId == id).ExecuteDeleteAsync(ct);
        await db.Brands.Where(x => x.TenantId == id).ExecuteDeleteAsync(ct);
        audit.Add("tenant.delete", tenant.Name, tenant.ResellerId, id);
        await db.SaveChangesAsync(ct);
        db.Remove(tenant);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } refusal)
        {
            return refusal;
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private Task<bool> PlanFitsAsync(PlanId plan, ResellerId reseller, CancellationToken ct) =>
        db.Plans.AnyAsync(x => x.Id == plan && (x.ResellerId == null || x.ResellerId == reseller), ct);

    private IQueryable<TenantSummary> Summarize(IQueryable<Tenant> query) => query.Select(x => new TenantSummary(
        x,
        db.Resellers.Where(r => r.Id == x.ResellerId).Select(r => r.Name).FirstOrDefault() ?? "",
        db.Plans.Where(p => p.Id == x.PlanId).Select(p => p.Name).FirstOrDefault() ?? "",
        db.Domains.Count(d => d.TenantId == x.Id),
        db.Accounts.Count(a => a.TenantId == x.Id),
        db.AccountStates.Where(s => s.TenantId == x.Id).Sum(s => s.UsedBytes)));
}
