using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Resellers;

public sealed record NewReseller(string Name, int MaxTenants = 0, int MaxAccounts = 0);

/// <summary>Null leaves a field as it is.</summary>
public sealed record ResellerChange(string? Name = null, bool? Suspended = null, int? MaxTenants = null, int? MaxAccounts = null);

/// <summary>A reseller with what it holds.</summary>
public sealed record ResellerSummary(Reseller Reseller, int Tenants, int Accounts);

/// <summary>Resellers: operators make and limit them, a reseller sees its own.</summary>
public sealed class ResellerService(MailDbContext db, AuditLog audit, TimeProvider time)
{
    public async Task<Outcome<Reseller>> CreateAsync(NewReseller wanted, CancellationToken ct)
    {
        if (db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators make resellers.");
        }

        if (Names.Check(wanted.Name, "name") is { } bad)
        {
            return bad;
        }

        if (CheckLimits(wanted.MaxTenants, wanted.MaxAccounts) is { } wrong)
        {
            return wrong;
        }

        var reseller = new Reseller
        {
            Name = wanted.Name.Trim(),
            MaxTenants = wanted.MaxTenants,
            MaxAccounts = wanted.MaxAccounts,
            CreatedAt = time.GetUtcNow(),
        };
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        db.Add(reseller);
        if (await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } refusal)
        {
            return refusal;
        }

        audit.Add("reseller.create", reseller.Name, reseller.Id, null);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return reseller;
    }

    public async Task<Page<ResellerSummary>> ListAsync(ListQuery list, CancellationToken ct)
    {
        var query = db.Resellers.AsNoTracking().Where(x => x.Id > new ResellerId(list.After ?? 0));
        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await Summarize(query.OrderBy(x => x.Id).Take(list.Limit + 1)).ToListAsync(ct), x => x.Reseller.Id.Value);
    }

    public async Task<Outcome<ResellerSummary>> GetAsync(ResellerId id, CancellationToken ct) =>
        await Summarize(db.Resellers.AsNoTracking().Where(x => x.Id == id)).FirstOrDefaultAsync(ct) is { } found
            ? found
            : Refusal.NotFound("reseller");

    public async Task<Outcome<Reseller>> UpdateAsync(ResellerId id, ResellerChange change, uint? version, CancellationToken ct)
    {
        if (await db.Resellers.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } reseller)
        {
            return Refusal.NotFound("reseller");
        }

        if (db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators change resellers.");
        }

        var refusal = Saving.CheckVersion(version, reseller.Version)
            ?? (change.Name is null ? null : Names.Check(change.Name, "name"))
            ?? CheckLimits(change.MaxTenants ?? 0, change.MaxAccounts ?? 0);
        if (refusal is not null)
        {
            return refusal;
        }

        reseller.Name = change.Name?.Trim() ?? reseller.Name;
        reseller.Suspended = change.Suspended ?? reseller.Suspended;
        reseller.MaxTenants = change.MaxTenants ?? reseller.MaxTenants;
        reseller.MaxAccounts = change.MaxAccounts ?? reseller.MaxAccounts;
        audit.Add("reseller.update", reseller.Name, id, null, change);
        return await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } no ? no : reseller;
    }

    /// <summary>Refusals: HasChildren while it has tenants.</summary>
    public async Task<Refusal?> DeleteAsync(ResellerId id, uint? version, CancellationToken ct)
    {
        if (await db.Resellers.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } reseller)
        {
            return Refusal.NotFound("reseller");
        }

        if (db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators delete resellers.");
        }

        if (Saving.CheckVersion(version, reseller.Version) is { } old)
        {
            return old;
        }

        if (await db.Tenants.AnyAsync(x => x.ResellerId == id, ct))
        {
            return new Refusal(RefusalReason.HasChildren, "The reseller still has tenants.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.RoleGrants.Where(x => x.ResellerId == id).ExecuteDeleteAsync(ct);
        await db.Brands.Where(x => x.ResellerId == id).ExecuteDeleteAsync(ct);
        await db.Plans.Where(x => x.ResellerId == id).ExecuteDeleteAsync(ct);
        db.Remove(reseller);
        audit.Add("reseller.delete", reseller.Name, id, null);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } refusal)
        {
            return refusal;
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private static Refusal? CheckLimits(int tenants, int accounts) =>
        tenants < 0 ? Refusal.Invalid("maxTenants", "0 for no limit, or a positive number.")
        : accounts < 0 ? Refusal.Invalid("maxAccounts", "0 for no limit, or a positive number.")
        : null;

    private IQueryable<ResellerSummary> Summarize(IQueryable<Reseller> query) => query.Select(x => new ResellerSummary(
        x,
        db.Tenants.Count(t => t.ResellerId == x.Id),
        db.Accounts.Count(a => db.Tenants.Any(t => t.Id == a.TenantId && t.ResellerId == x.Id))));
}
