using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Aliases;

/// <summary>Null leaves a field as it is.</summary>
public sealed record AliasChange(IReadOnlyList<string>? Targets = null, bool? Enabled = null);

/// <summary>Addresses that stand for others.</summary>
public sealed class AliasService(MailDbContext db, AuditLog audit, AddressBook addresses, TimeProvider time)
{
    public const int MaxTargets = 100;

    public async Task<Outcome<Alias>> CreateAsync(string address, IReadOnlyList<string> targets, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var place = await addresses.PlaceAsync(address, ct);
        if (!place.Ok)
        {
            return place.Refusal;
        }

        var checkedTargets = CheckTargets(targets, place.Value.Address);
        if (!checkedTargets.Ok)
        {
            return checkedTargets.Refusal;
        }

        var alias = new Alias
        {
            TenantId = place.Value.Tenant.Id,
            DomainId = place.Value.Domain.Id,
            LocalPart = place.Value.LocalPart,
            Address = place.Value.Address,
            Targets = checkedTargets.Value,
            CreatedAt = time.GetUtcNow(),
        };
        db.Add(alias);
        await db.SaveChangesAsync(ct);
        addresses.Take(place.Value, AddressKind.Alias, alias.Id);
        audit.Add("alias.create", alias.Address, place.Value.Tenant.ResellerId, alias.TenantId, new { alias.Targets });
        if (await db.TrySaveAsync(Saving.Taken("address", "address"), ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return alias;
    }

    public async Task<Page<Alias>> ListAsync(TenantId? tenant, DomainId? domain, ListQuery list, CancellationToken ct)
    {
        var query = db.Aliases.AsNoTracking().Where(x => x.Id > (list.After ?? 0));
        if (tenant is { } ofTenant)
        {
            query = query.Where(x => x.TenantId == ofTenant);
        }

        if (domain is { } ofDomain)
        {
            query = query.Where(x => x.DomainId == ofDomain);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Address, pattern) || x.Targets.Any(t => EF.Functions.ILike(t, pattern)));
        }

        return list.ToPage(await query.OrderBy(x => x.Id).Take(list.Limit + 1).ToListAsync(ct), x => x.Id);
    }

    public async Task<Outcome<Alias>> GetAsync(long id, CancellationToken ct) =>
        await db.Aliases.AsNoTracking().FirstOrDefaultAsync(x => x.Id == id, ct) is { } found ? found : Refusal.NotFound("alias");

    public async Task<Outcome<Alias>> UpdateAsync(long id, AliasChange change, uint? version, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var alias = found.Value;
        if (change.Targets is not null)
        {
            var targets = CheckTargets(change.Targets, alias.Address);
            if (!targets.Ok)
            {
                return targets.Refusal;
            }

            alias.Targets = targets.Value;
        }

        alias.Enabled = change.Enabled ?? alias.Enabled;
        audit.Add("alias.update", alias.Address, await ResellerOfAsync(alias.TenantId, ct), alias.TenantId, change);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : alias;
    }

    public async Task<Refusal?> DeleteAsync(long id, uint? version, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var alias = found.Value;
        await addresses.FreeAsync(alias.DomainId, alias.LocalPart, ct);
        db.Remove(alias);
        audit.Add("alias.delete", alias.Address, await ResellerOfAsync(alias.TenantId, ct), alias.TenantId);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private static Outcome<List<string>> CheckTargets(IReadOnlyList<string> targets, string own)
    {
        var keys = AddressBook.Normalize(targets, MaxTargets, "targets");
        return !keys.Ok ? keys
            : keys.Value.Count == 0 ? Refusal.Invalid("targets", "An alias needs at least one target.")
            : keys.Value.Contains(own, StringComparer.Ordinal) ? Refusal.Invalid("targets", "An alias cannot stand for itself.")
            : keys;
    }

    private async Task<Outcome<Alias>> FindForChangeAsync(long id, uint? version, CancellationToken ct)
    {
        if (await db.Aliases.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } alias)
        {
            return Refusal.NotFound("alias");
        }

        return db.Caller.Scope is CallerScope.OfAccount ? new Refusal(RefusalReason.Forbidden, "Only admins change aliases.")
            : Saving.CheckVersion(version, alias.Version) is { } old ? old
            : alias;
    }

    private Task<ResellerId> ResellerOfAsync(TenantId tenant, CancellationToken ct) =>
        db.Tenants.Where(x => x.Id == tenant).Select(x => x.ResellerId).FirstAsync(ct);
}
