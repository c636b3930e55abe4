using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;

namespace SaaS.Domain.Sharing;

/// <summary>A user or group that belongs to a shared mailbox.</summary>
public sealed record Member(string Address, GranteeKind Kind, MailboxRights Rights);

/// <summary>Who belongs to a shared mailbox, and with which rights. Set by its tenant's admins; users and groups of the same tenant.</summary>
public sealed class MemberService(MailDbContext db, AuditLog audit, IChangeFeed feed)
{
    /// <summary>Members of one mailbox; a group counts once.</summary>
    public const int MaxMembers = 500;

    /// <summary>By address. Refusals: NotFound; Invalid where it is no shared mailbox.</summary>
    public async Task<Outcome<List<Member>>> ListAsync(AccountId id, CancellationToken ct)
    {
        var found = await FindAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var grants = db.MailboxGrants.AsNoTracking().Where(x => x.AccountId == id && x.MailboxId == default);
        var rights = await grants.Where(x => x.GranteeKind == GranteeKind.Account).ToDictionaryAsync(x => new AccountId(x.GranteeId), x => x.Rights, ct);
        var ids = rights.Keys.ToList();
        var users = await db.Accounts.AsNoTracking().Where(a => a.TenantId == found.Value.TenantId && ids.Contains(a.Id))
            .Select(a => new { a.Id, a.Address }).ToListAsync(ct);
        var groups = await (from g in grants.Where(x => x.GranteeKind == GranteeKind.Group)
                            join p in db.Groups on g.GranteeId equals p.Id
                            select new { p.Address, g.Rights }).ToListAsync(ct);
        return (List<Member>)[.. users.Select(x => new Member(x.Address, GranteeKind.Account, rights[x.Id]))
            .Concat(groups.Select(x => new Member(x.Address, GranteeKind.Group, x.Rights))).OrderBy(x => x.Address, StringComparer.Ordinal)];
    }

    /// <summary>Makes a member, or changes what one may do. Refusals: NotFound, Invalid, Forbidden, LimitReached.</summary>
    public async Task<Outcome<Member>> SetAsync(AccountId id, string address, MailboxRights rights, CancellationToken ct)
    {
        if (rights == MailboxRights.None)
        {
            return Refusal.Invalid("rights", "A member has at least one right.");
        }

        var found = await FindForChangeAsync(id, address, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, kind, grantee, name) = found.Value;
        var grant = await db.MailboxGrants.FirstOrDefaultAsync(
            x => x.AccountId == id && x.MailboxId == default && x.GranteeKind == kind && x.GranteeId == grantee, ct);
        if (grant is null)
        {
            if (await db.MailboxGrants.CountAsync(x => x.AccountId == id && x.MailboxId == default, ct) >= MaxMembers)
            {
                return new Refusal(RefusalReason.LimitReached, $"A shared mailbox has at most {MaxMembers} members.");
            }

            grant = new MailboxGrant { AccountId = id, GranteeKind = kind, GranteeId = grantee };
            db.Add(grant);
        }

        grant.Rights = rights;
        audit.Add("account.member", account.Address, await ResellerOfAsync(account, ct), account.TenantId, new { Member = name, Rights = rights.ToString() });
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        feed.Wake(ShareDirectory.Topic);
        return new Member(name, kind, rights);
    }

    /// <summary>Refusals: NotFound, Invalid, Forbidden.</summary>
    public async Task<Refusal?> RemoveAsync(AccountId id, string address, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, address, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, kind, grantee, name) = found.Value;
        if (await db.MailboxGrants.FirstOrDefaultAsync(
            x => x.AccountId == id && x.MailboxId == default && x.GranteeKind == kind && x.GranteeId == grantee, ct) is not { } grant)
        {
            return Refusal.NotFound("member");
        }

        db.Remove(grant);
        audit.Add("account.member-remove", account.Address, await ResellerOfAsync(account, ct), account.TenantId, new { Member = name });
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        feed.Wake(ShareDirectory.Topic);
        return null;
    }

    private async Task<Outcome<Account>> FindAsync(AccountId id, CancellationToken ct) =>
        await db.Accounts.AsNoTracking().FirstOrDefaultAsync(x => x.Id == id, ct) is not { } account ? Refusal.NotFound("account")
            : account.Kind == AccountKind.Shared ? account
            : Refusal.Invalid("account", "Only a shared mailbox has members.");

    private async Task<Outcome<(Account Account, GranteeKind Kind, long Grantee, string Name)>> FindForChangeAsync(
        AccountId id, string address, CancellationToken ct)
    {
        var found = await FindAsync(id, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins change members.");
        }

        var account = found.Value;
        if (MailAddress.TryParse(address, out var parsed))
        {
            var key = AddressBook.KeyOf(parsed);
            if (await db.Accounts.AsNoTracking().FirstOrDefaultAsync(
                x => x.TenantId == account.TenantId && x.Address == key && x.Kind == AccountKind.User, ct) is { } user)
            {
                return (account, GranteeKind.Account, user.Id.Value, user.Address);
            }

            if (await db.Groups.AsNoTracking().FirstOrDefaultAsync(x => x.TenantId == account.TenantId && x.Address == key, ct) is { } group)
            {
                return (account, GranteeKind.Group, group.Id, group.Address);
            }
        }

        return Refusal.NotFound("member");
    }

    private Task<ResellerId> ResellerOfAsync(Account account, CancellationToken ct) =>
        db.Tenants.Where(x => x.Id == account.TenantId).Select(x => x.ResellerId).FirstAsync(ct);
}
