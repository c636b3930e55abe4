using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;

namespace SaaS.Domain.LegacyPlatforms;

/// <summary>Null leaves a field as it is; a user name of "" goes back to the platform's rule.</summary>
public sealed record HomeChange(bool? AtLegacy = null, LegacyPlatformId? Platform = null, string? UserName = null);

/// <summary>What a bulk flip did.</summary>
/// <param name="Changed">Accounts that were flipped.</param>
/// <param name="Unchanged">Accounts that were at home there already.</param>
/// <param name="Refused">Addresses that are nobody's, or of somebody with rights that the caller does not have.</param>
public sealed record HomesMoved(int Changed, int Unchanged, IReadOnlyList<string> Refused);

/// <summary>
/// Where accounts are at home. A flip is one commit: sign-ins read it there, no node stores a delivery against it, and what waits in the queue goes to
/// the new home. It can be flipped back at any time; nothing is moved by it.
/// </summary>
public sealed class LegacyHomes(
    MailDbContext db, AuditLog audit, Authority authority, PlatformQuery platform, OutboundQueue queue, IChangeFeed feed)
{
    public const int MaxAddresses = 10_000;
    private const int Step = 500;
    private const int MaxUserName = 256;

    private static readonly Refusal Stronger = new(
        RefusalReason.Forbidden, "The password of somebody with rights beyond the organisation goes only to a platform that an operator set up.");

    /// <summary>Refusals: NotFound (account, platform), Forbidden, Invalid, Conflict.</summary>
    public async Task<Outcome<Account>> SetAsync(AccountId id, HomeChange change, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Accounts.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } account)
        {
            return Refusal.NotFound("account");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins change accounts.");
        }

        var user = await db.Users.AsNoTracking().Where(x => x.AccountId == id).Select(x => (long?)x.Id).FirstOrDefaultAsync(ct);
        if (user is { } checkedUser && await authority.CheckUserAsync(checkedUser, ct) is { } stronger)
        {
            return stronger;
        }

        if (change.UserName is { } name && (name.Length > MaxUserName || name.Any(char.IsControl)))
        {
            return Refusal.Invalid("userName", "This is no user name.");
        }

        account.LegacyPlatformId = change.Platform ?? account.LegacyPlatformId;
        account.LegacyUserName = change.UserName is null ? account.LegacyUserName : change.UserName.Length == 0 ? null : change.UserName;
        account.AtLegacy = change.AtLegacy ?? account.AtLegacy;
        if (account.LegacyPlatformId is not { } target)
        {
            return change.AtLegacy == true ? Refusal.Invalid("platformId", "Which legacy platform?") : account;
        }

        // A platform of somebody else does not exist for this account, whoever asks.
        var reseller = await db.Tenants.Where(x => x.Id == account.TenantId).Select(x => x.ResellerId).FirstAsync(ct);
        var found = await db.LegacyPlatforms.AsNoTracking().FirstOrDefaultAsync(
            x => x.Id == target && (x.TenantId == account.TenantId || (x.TenantId == null && (x.ResellerId == null || x.ResellerId == reseller))), ct);
        if (found is null)
        {
            return Refusal.NotFound("legacy platform");
        }

        if (!found.OperatorDefined && user is { } holder && (await StrongAsync([holder], ct)).Count > 0)
        {
            return Stronger;
        }

        await db.AccountStates.Where(x => x.AccountId == id).ExecuteUpdateAsync(s => s.SetProperty(x => x.Elsewhere, account.AtLegacy), ct);
        audit.Add(
            account.AtLegacy ? "account.home-legacy" : "account.home-here", account.Address, reseller, account.TenantId,
            new { platform = found.Name, account.LegacyUserName });
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        await queue.RehomeAsync([id], account.AtLegacy ? target : null, ct);
        return account;
    }

    /// <summary>Flips all accounts of a domain, or those of a list, between a platform and here. In steps, each a commit of its own: safe to repeat.</summary>
    /// <param name="target">The platform; those that go there belong to it from then on.</param>
    /// <param name="atLegacy">There, or here.</param>
    /// <param name="domain">All of its accounts.</param>
    /// <param name="addresses">Or these.</param>
    /// <param name="ct">Stops it between steps.</param>
    public async Task<Outcome<HomesMoved>> MoveAsync(
        LegacyPlatformId target, bool atLegacy, DomainId? domain, IReadOnlyList<string>? addresses, CancellationToken ct)
    {
        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins change accounts.");
        }

        if (await db.LegacyPlatforms.AsNoTracking().FirstOrDefaultAsync(x => x.Id == target, ct) is not { } found)
        {
            return Refusal.NotFound("legacy platform");
        }

        if (domain is { } of && !await db.Domains.AnyAsync(x => x.Id == of, ct))
        {
            return Refusal.NotFound("domain");
        }

        if (domain is null == addresses is null || addresses?.Count is 0 or > MaxAddresses)
        {
            return Refusal.Invalid("addresses", $"Either a domain or a list of at most {MaxAddresses} addresses.");
        }

        var refused = new List<string>();
        var wanted = Accounts(found);
        if (addresses is not null)
        {
            var keys = addresses.Select(a => MailAddress.TryParse(a.Trim(), out var address) ? $"{address.LocalKey}@{address.Domain}" : a.Trim())
                .Distinct(StringComparer.Ordinal).ToList();
            wanted = wanted.Where(x => keys.Contains(x.Address));
            refused.AddRange(keys.Except(await wanted.Select(x => x.Address).ToListAsync(ct), StringComparer.Ordinal));
        }
        else
        {
            wanted = wanted.Where(x => x.DomainId == domain);
        }

        var all = await wanted.OrderBy(x => x.Id)
            .Select(x => new { x.Id, x.Address, x.TenantId, There = x.AtLegacy && x.LegacyPlatformId == target }).ToListAsync(ct);

        // Home from there: who came from elsewhere, or is here, stays.
        var todo = all.Where(x => atLegacy ? !x.There : x.There).ToList();
        var changed = 0;
        foreach (var part in todo.Chunk(Step))
        {
            var denied = await DeniedAsync(found, [.. part.Select(x => x.Id)], ct);
            refused.AddRange(part.Where(x => denied.Contains(x.Id)).Select(x => x.Address));
            var step = part.Where(x => !denied.Contains(x.Id)).ToList();
            if (step.Count == 0)
            {
                continue;
            }

            List<AccountId> ids = [.. step.Select(x => x.Id)];
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await db.Accounts.Where(x => ids.Contains(x.Id)).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.AtLegacy, atLegacy).SetProperty(x => x.LegacyPlatformId, target), ct);
            await db.AccountStates.Where(x => ids.Contains(x.AccountId)).ExecuteUpdateAsync(s => s.SetProperty(x => x.Elsewhere, atLegacy), ct);
            foreach (var ofTenant in step.GroupBy(x => x.TenantId))
            {
                audit.Add(
                    atLegacy ? "account.home-legacy" : "account.home-here", $"{ofTenant.Count()} accounts", null, ofTenant.Key,
                    new { platform = found.Name, accounts = ofTenant.Select(x => x.Address) });
            }

            db.DirectoryChanged = true;
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            feed.Wake(UserDirectory.Topic);
            await queue.RehomeAsync(ids, atLegacy ? target : null, ct);
            changed += step.Count;
        }

        return new HomesMoved(changed, all.Count - todo.Count, refused);
    }

    /// <summary>Accounts that the caller sees and that the platform is for.</summary>
    private IQueryable<Account> Accounts(LegacyPlatform of) => db.Accounts.AsNoTracking().Where(x =>
        of.TenantId != null ? x.TenantId == of.TenantId
        : of.ResellerId == null || db.Tenants.Any(t => t.Id == x.TenantId && t.ResellerId == of.ResellerId));

    /// <summary>Of these, the accounts whose user can do more than the caller, or more than the platform may be trusted with.</summary>
    private async Task<HashSet<AccountId>> DeniedAsync(LegacyPlatform target, IReadOnlyList<AccountId> accounts, CancellationToken ct)
    {
        var denied = new HashSet<AccountId>();
        var holders = await platform.AskAsync(p => p.Users.Where(u => u.AccountId != null && accounts.Contains(u.AccountId!.Value))
            .Where(u => p.RoleGrants.Any(g => g.UserId == u.Id)).Select(u => new { u.Id, Account = u.AccountId!.Value }).ToListAsync(ct));
        var strong = target.OperatorDefined ? [] : await StrongAsync([.. holders.Select(h => h.Id)], ct);
        foreach (var holder in holders)
        {
            if (strong.Contains(holder.Id) || await authority.CheckUserAsync(holder.Id, ct) is not null)
            {
                denied.Add(holder.Account);
            }
        }

        return denied;
    }

    /// <summary>Of these, the users whose power reaches beyond one tenant.</summary>
    private Task<List<long>> StrongAsync(IReadOnlyList<long> users, CancellationToken ct) => platform.AskAsync(p => p.RoleGrants
        .Where(x => users.Contains(x.UserId) && x.Role != Role.TenantAdmin).Select(x => x.UserId).Distinct().ToListAsync(ct));
}
