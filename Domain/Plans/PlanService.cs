using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Plans;

/// <param name="Reseller">Null offers it to every reseller; only operators can.</param>
public sealed record NewPlan(
    string Name, long AccountQuotaBytes, int MaxAccounts = 0, int MaxDomains = 0, long MaxMessageBytes = 50 << 20, int SendPerDay = 2000,
    ResellerId? Reseller = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record PlanChange(
    string? Name = null, long? AccountQuotaBytes = null, int? MaxAccounts = null, int? MaxDomains = null, long? MaxMessageBytes = null,
    int? SendPerDay = null);

public sealed record PlanSummary(Plan Plan, int Tenants);

/// <summary>Plans: operators make those for all resellers, a reseller its own. Tenants see the one they have.</summary>
public sealed class PlanService(MailDbContext db, AuditLog audit, TimeProvider time)
{
    public const long MaxMessageCeiling = 200L << 20;

    public async Task<Outcome<Plan>> CreateAsync(NewPlan wanted, CancellationToken ct)
    {
        var owner = db.Caller.Scope switch
        {
            CallerScope.Operator => wanted.Reseller,
            CallerScope.OfReseller own => own.Reseller,
            _ => default(ResellerId?),
        };
        if (db.Caller.Scope is not (CallerScope.Operator or CallerScope.OfReseller))
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators and resellers make plans.");
        }

        if (wanted.Reseller is { } named && (named != owner || !await db.Resellers.AnyAsync(x => x.Id == named, ct)))
        {
            return Refusal.NotFound("reseller");
        }

        var plan = new Plan { ResellerId = owner, Name = "", CreatedAt = time.GetUtcNow() };
        var change = new PlanChange(
            wanted.Name, wanted.AccountQuotaBytes, wanted.MaxAccounts, wanted.MaxDomains, wanted.MaxMessageBytes, wanted.SendPerDay);
        if (Apply(plan, change) is { } bad)
        {
            return bad;
        }

        db.Add(plan);
        audit.Add("plan.create", plan.Name, owner, null, change);
        return await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } no ? no : plan;
    }

    public async Task<Page<PlanSummary>> ListAsync(ListQuery list, CancellationToken ct)
    {
        var query = db.Plans.AsNoTracking().Where(x => x.Id > new PlanId(list.After ?? 0));
        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await Summarize(query.OrderBy(x => x.Id).Take(list.Limit + 1)).ToListAsync(ct), x => x.Plan.Id.Value);
    }

    public async Task<Outcome<PlanSummary>> GetAsync(PlanId id, CancellationToken ct) =>
        await Summarize(db.Plans.AsNoTracking().Where(x => x.Id == id)).FirstOrDefaultAsync(ct) is { } found
            ? found
            : Refusal.NotFound("plan");

    public async Task<Outcome<Plan>> UpdateAsync(PlanId id, PlanChange change, uint? version, CancellationToken ct)
    {
        var found = await FindOwnAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var plan = found.Value;
        if ((Saving.CheckVersion(version, plan.Version) ?? Apply(plan, change)) is { } bad)
        {
            return bad;
        }

        audit.Add("plan.update", plan.Name, plan.ResellerId, null, change);
        return await db.TrySaveAsync(Saving.Taken("name", "name"), ct) is { } no ? no : plan;
    }

    /// <summary>Refusals: HasChildren while a tenant has it.</summary>
    public async Task<Refusal?> DeleteAsync(PlanId id, uint? version, CancellationToken ct)
    {
        var found = await FindOwnAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        if (Saving.CheckVersion(version, found.Value.Version) is { } old)
        {
            return old;
        }

        db.Remove(found.Value);
        audit.Add("plan.delete", found.Value.Name, found.Value.ResellerId, null);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    private async Task<Outcome<Plan>> FindOwnAsync(PlanId id, CancellationToken ct)
    {
        if (await db.Plans.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } plan)
        {
            return Refusal.NotFound("plan");
        }

        // A plan that is offered to a reseller is seen by it, and stays the operator's.
        return db.Caller.Scope switch
        {
            CallerScope.Operator => plan,
            CallerScope.OfReseller own when own.Reseller == plan.ResellerId => plan,
            _ => new Refusal(RefusalReason.Forbidden, "Only the owner of a plan changes it."),
        };
    }

    private static Refusal? Apply(Plan plan, PlanChange change)
    {
        if (change.Name is not null && Names.Check(change.Name, "name") is { } bad)
        {
            return bad;
        }

        plan.Name = change.Name?.Trim() ?? plan.Name;
        plan.AccountQuotaBytes = change.AccountQuotaBytes ?? plan.AccountQuotaBytes;
        plan.MaxAccounts = change.MaxAccounts ?? plan.MaxAccounts;
        plan.MaxDomains = change.MaxDomains ?? plan.MaxDomains;
        plan.MaxMessageBytes = change.MaxMessageBytes ?? plan.MaxMessageBytes;
        plan.SendPerDay = change.SendPerDay ?? plan.SendPerDay;
        return plan.AccountQuotaBytes <= 0 ? Refusal.Invalid("accountQuotaBytes", "Storage must be more than nothing.")
            : plan.MaxAccounts < 0 ? Refusal.Invalid("maxAccounts", "0 for no limit, or a positive number.")
            : plan.MaxDomains < 0 ? Refusal.Invalid("maxDomains", "0 for no limit, or a positive number.")
            : plan.SendPerDay < 0 ? Refusal.Invalid("sendPerDay", "0 or a positive number.")
            : plan.MaxMessageBytes is < 65_536 or > MaxMessageCeiling ? Refusal.Invalid("maxMessageBytes", "Between 64 KB and 200 MB.")
            : null;
    }

    private IQueryable<PlanSummary> Summarize(IQueryable<Plan> query) =>
        query.Select(x => new PlanSummary(x, db.Tenants.Count(t => t.PlanId == x.Id)));
}
