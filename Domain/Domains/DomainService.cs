using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Plans;

namespace SaaS.Domain.Domains;

/// <summary>Null leaves a field as it is; an empty CatchAll switches it off.</summary>
public sealed record DomainChange(string? CatchAll = null, bool? Suspended = null);

public sealed record DomainSummary(MailDomain Domain, string TenantName, int Accounts, int Aliases, int Groups);

/// <summary>
/// Domains of tenants and who owns them. A new one is Pending and routes nothing until its owner has proven it by a DNS record, or an operator
/// vouches: otherwise a tenant could take the mail of a name that is not theirs.
/// </summary>
public sealed class DomainService(
    MailDbContext db, AuditLog audit, PlanLimits limits, PlatformQuery platform, DkimKeyService keys, TimeProvider time)
{
    public const string ChallengeLabel = "_postyard-challenge";

    /// <summary>Refusals: Invalid (name, public suffix), AlreadyExists (the tenant has it), Forbidden (another tenant's), LimitReached.</summary>
    public async Task<Outcome<MailDomain>> CreateAsync(TenantId tenant, string name, CancellationToken ct)
    {
        if (!DomainName.TryNormalize(name?.Trim(), out var ascii) || ascii.StartsWith('_'))
        {
            return Refusal.Invalid("name", "This is not a domain name.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Tenants.AsNoTracking().FirstOrDefaultAsync(x => x.Id == tenant, ct) is not { } owner)
        {
            return Refusal.NotFound("tenant");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins add domains.");
        }

        if (db.Caller.Scope is not CallerScope.Operator && DomainRules.Check(ascii) is { } denied)
        {
            return denied;
        }

        if ((await CheckClaimAsync(ascii, tenant, ct) ?? await limits.CheckDomainAsync(owner, ct)) is { } refusal)
        {
            return refusal;
        }

        var domain = new MailDomain
        {
            TenantId = tenant,
            Name = ascii,
            State = DomainState.Pending,
            VerificationToken = "postyard-verification=" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
            CreatedAt = time.GetUtcNow(),
        };
        db.Add(domain);
        if (await db.TrySaveAsync(Saving.Taken("domain", "name"), ct) is { } taken)
        {
            return taken;
        }

        keys.AddKeys(domain);
        audit.Add("domain.create", ascii, owner.ResellerId, tenant);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return domain;
    }

    public async Task<Page<DomainSummary>> ListAsync(TenantId? tenant, ListQuery list, CancellationToken ct)
    {
        var query = db.Domains.AsNoTracking().Where(x => x.Id > new DomainId(list.After ?? 0));
        if (tenant is { } of)
        {
            query = query.Where(x => x.TenantId == of);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await Summarize(query.OrderBy(x => x.Id).Take(list.Limit + 1)).ToListAsync(ct), x => x.Domain.Id.Value);
    }

    public async Task<Outcome<DomainSummary>> GetAsync(DomainId id, CancellationToken ct) =>
        await Summarize(db.Domains.AsNoTracking().Where(x => x.Id == id)).FirstOrDefaultAsync(ct) is { } found
            ? found
            : Refusal.NotFound("domain");

    public async Task<Outcome<MailDomain>> UpdateAsync(DomainId id, DomainChange change, uint? version, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var domain = found.Value;
        if (change.CatchAll is { } catchAll)
        {
            if (catchAll.Length == 0)
            {
                domain.CatchAll = null;
            }
            else if (MailAddress.TryParse(catchAll.Trim(), out var address))
            {
                domain.CatchAll = AddressBook.KeyOf(address);
            }
            else
            {
                return Refusal.Invalid("catchAll", "This is not a mail address.");
            }
        }

        if (change.Suspended is { } suspend)
        {
            if (domain.State == DomainState.Pending)
            {
                return new Refusal(RefusalReason.NotVerified, "The domain is not verified yet.", "suspended");
            }

            domain.State = suspend ? DomainState.Suspended : DomainState.Verified;
        }

        audit.Add("domain.update", domain.Name, await ResellerOfAsync(domain.TenantId, ct), domain.TenantId, change);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : domain;
    }

    /// <summary>Refusals: HasChildren while it has addresses.</summary>
    public async Task<Refusal?> DeleteAsync(DomainId id, uint? version, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var domain = found.Value;
        if (await db.Addresses.AnyAsync(x => x.DomainId == id, ct))
        {
            return new Refusal(RefusalReason.HasChildren, "The domain still has accounts, aliases or groups.");
        }

        if (await db.Accounts.IgnoreQueryFilters().AnyAsync(x => x.DomainId == id, ct))
        {
            return new Refusal(RefusalReason.HasChildren, "Deleted accounts of the domain still keep mail.");
        }

        audit.Add("domain.delete", domain.Name, await ResellerOfAsync(domain.TenantId, ct), domain.TenantId);
        db.Remove(domain);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    /// <summary>An operator takes the domain as proven.</summary>
    public async Task<Outcome<MailDomain>> VouchAsync(DomainId id, CancellationToken ct)
    {
        if (await db.Domains.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } domain)
        {
            return Refusal.NotFound("domain");
        }

        return db.Caller.Scope is CallerScope.Operator
            ? await ProveAsync(domain, "domain.vouch", ct)
            : new Refusal(RefusalReason.Forbidden, "Only operators vouch for a domain.");
    }

    /// <summary>The domain is proven from now on; with its keys it may sign. Refusal AlreadyExists: another tenant has proven it.</summary>
    internal async Task<Outcome<MailDomain>> ProveAsync(MailDomain domain, string action, CancellationToken ct)
    {
        if (domain.State != DomainState.Pending)
        {
            return domain;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await CheckClaimAsync(domain.Name, domain.TenantId, ct) is { } refusal)
        {
            return refusal;
        }

        domain.State = DomainState.Verified;
        domain.VerifiedAt = domain.CheckedAt = time.GetUtcNow();
        audit.Add(action, domain.Name, await ResellerOfAsync(domain.TenantId, ct), domain.TenantId);
        if (await db.TrySaveAsync(new Refusal(RefusalReason.AlreadyExists, "The domain belongs to another customer."), ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return domain;
    }

    /// <summary>
    /// The name, its parents and its sub-domains must not be proven by another tenant: who has example.org verified decides over all below it.
    /// One claim at a time, so that two tenants cannot prove a name and its parent at once.
    /// </summary>
    private async Task<Refusal?> CheckClaimAsync(string name, TenantId tenant, CancellationToken ct)
    {
        await db.LockAsync(LockOf.DomainNames, 0, ct);
        string[] above = [name, .. DomainRules.Parents(name)];
        var below = "." + name;
        var foreign = await platform.AskAsync(p => p.Domains.AnyAsync(
            x => x.State != DomainState.Pending && x.TenantId != tenant && (above.Contains(x.Name) || x.Name.EndsWith(below)), ct));
        return foreign ? new Refusal(RefusalReason.AlreadyExists, "The domain belongs to another customer.", "name") : null;
    }

    private async Task<Outcome<MailDomain>> FindForChangeAsync(DomainId id, uint? version, CancellationToken ct)
    {
        if (await db.Domains.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } domain)
        {
            return Refusal.NotFound("domain");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins change domains.");
        }

        return Saving.CheckVersion(version, domain.Version) is { } old ? old : domain;
    }

    private Task<ResellerId> ResellerOfAsync(TenantId tenant, CancellationToken ct) =>
        db.Tenants.Where(x => x.Id == tenant).Select(x => x.ResellerId).FirstAsync(ct);

    private IQueryable<DomainSummary> Summarize(IQueryable<MailDomain> query) => query.Select(x => new DomainSummary(
        x,
        db.Tenants.Where(t => t.Id == x.TenantId).Select(t => t.Name).FirstOrDefault() ?? "",
        db.Accounts.Count(a => a.DomainId == x.Id),
        db.Aliases.Count(a => a.DomainId == x.Id),
        db.Groups.Count(g => g.DomainId == x.Id)));
}
