using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Groups;

public sealed record NewGroup(string Address, string Name, bool InternalOnly = false, IReadOnlyList<string>? Members = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record GroupChange(string? Name = null, bool? InternalOnly = null);

public sealed record GroupSummary(Group Group, int Members);

/// <summary>Distribution groups and their members.</summary>
public sealed class GroupService(MailDbContext db, AuditLog audit, AddressBook addresses, TimeProvider time)
{
    public const int MaxMembers = 10_000;

    public async Task<Outcome<Group>> CreateAsync(NewGroup wanted, CancellationToken ct)
    {
        if (Names.Check(wanted.Name, "name") is { } bad)
        {
            return bad;
        }

        var members = AddressBook.Normalize(wanted.Members, MaxMembers, "members");
        if (!members.Ok)
        {
            return members.Refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var place = await addresses.PlaceAsync(wanted.Address, ct);
        if (!place.Ok)
        {
            return place.Refusal;
        }

        var group = new Group
        {
            TenantId = place.Value.Tenant.Id,
            DomainId = place.Value.Domain.Id,
            LocalPart = place.Value.LocalPart,
            Address = place.Value.Address,
            Name = wanted.Name.Trim(),
            InternalOnly = wanted.InternalOnly,
            CreatedAt = time.GetUtcNow(),
        };
        db.Add(group);
        await db.SaveChangesAsync(ct);
        addresses.Take(place.Value, AddressKind.Group, group.Id);
        db.AddRange(members.Value.Where(m => m != group.Address)
            .Select(m => new GroupMember { TenantId = group.TenantId, GroupId = group.Id, Address = m }));
        audit.Add("group.create", group.Address, place.Value.Tenant.ResellerId, group.TenantId, new { members = members.Value.Count });
        if (await db.TrySaveAsync(Saving.Taken("address", "address"), ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return group;
    }

    public async Task<Page<GroupSummary>> ListAsync(TenantId? tenant, DomainId? domain, ListQuery list, CancellationToken ct)
    {
        var query = db.Groups.AsNoTracking().Where(x => x.Id > (list.After ?? 0));
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
            query = query.Where(x => EF.Functions.ILike(x.Address, pattern) || EF.Functions.ILike(x.Name, pattern));
        }

        return list.ToPage(await Summarize(query.OrderBy(x => x.Id).Take(list.Limit + 1)).ToListAsync(ct), x => x.Group.Id);
    }

    public async Task<Outcome<GroupSummary>> GetAsync(long id, CancellationToken ct) =>
        await Summarize(db.Groups.AsNoTracking().Where(x => x.Id == id)).FirstOrDefaultAsync(ct) is { } found
            ? found
            : Refusal.NotFound("group");

    public async Task<Outcome<Group>> UpdateAsync(long id, GroupChange change, uint? version, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        if (change.Name is not null && Names.Check(change.Name, "name") is { } bad)
        {
            return bad;
        }

        var group = found.Value;
        group.Name = change.Name?.Trim() ?? group.Name;
        group.InternalOnly = change.InternalOnly ?? group.InternalOnly;
        audit.Add("group.update", group.Address, await ResellerOfAsync(group.TenantId, ct), group.TenantId, change);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : group;
    }

    public async Task<Refusal?> DeleteAsync(long id, uint? version, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var group = found.Value;
        await addresses.FreeAsync(group.DomainId, group.LocalPart, ct);
        db.Remove(group);
        audit.Add("group.delete", group.Address, await ResellerOfAsync(group.TenantId, ct), group.TenantId);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    /// <summary>Members by address. The cursor of this list is the last address of the page.</summary>
    public async Task<Outcome<Page<string>>> ListMembersAsync(long id, int limit, string? after, string? search, CancellationToken ct)
    {
        if (!await db.Groups.AnyAsync(x => x.Id == id, ct))
        {
            return Refusal.NotFound("group");
        }

        var list = new ListQuery(limit, Search: search);
        var query = db.GroupMembers.AsNoTracking().Where(x => x.GroupId == id);
        if (after is not null)
        {
#pragma warning disable CA1309 // Runs in the database, in the order of its own index.
            query = query.Where(x => string.Compare(x.Address, after) > 0);
#pragma warning restore CA1309
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Address, pattern));
        }

        var read = await query.OrderBy(x => x.Address).Select(x => x.Address).Take(list.Limit + 1).ToListAsync(ct);
        return read.Count <= list.Limit ? new Page<string>(read, null) : new Page<string>(read[..list.Limit], read[list.Limit - 1]);
    }

    /// <summary>Members that are there already stay.</summary>
    public async Task<Outcome<Group>> AddMembersAsync(long id, IReadOnlyList<string> added, CancellationToken ct)
    {
        var keys = AddressBook.Normalize(added, MaxMembers, "addresses");
        if (!keys.Ok)
        {
            return keys.Refusal;
        }

        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var group = found.Value;
        var there = await db.GroupMembers.Where(x => x.GroupId == id && keys.Value.Contains(x.Address)).Select(x => x.Address).ToListAsync(ct);
        var fresh = keys.Value.Where(k => k != group.Address).Except(there, StringComparer.Ordinal).ToList();
        if (await db.GroupMembers.CountAsync(x => x.GroupId == id, ct) + fresh.Count > MaxMembers)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxMembers} members.", "addresses");
        }

        db.AddRange(fresh.Select(m => new GroupMember { TenantId = group.TenantId, GroupId = id, Address = m }));
        audit.Add("group.add", group.Address, await ResellerOfAsync(group.TenantId, ct), group.TenantId, new { members = fresh.Take(50) });
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : group;
    }

    public async Task<Refusal?> RemoveMemberAsync(long id, string address, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var key = MailAddress.TryParse(address, out var parsed) ? AddressBook.KeyOf(parsed) : address;
        if (await db.GroupMembers.FirstOrDefaultAsync(x => x.GroupId == id && x.Address == key, ct) is not { } member)
        {
            return Refusal.NotFound("member");
        }

        db.Remove(member);
        audit.Add(
            "group.remove", found.Value.Address, await ResellerOfAsync(found.Value.TenantId, ct), found.Value.TenantId, new { member = key });
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    private async Task<Outcome<Group>> FindForChangeAsync(long id, uint? version, CancellationToken ct)
    {
        if (await db.Groups.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } group)
        {
            return Refusal.NotFound("group");
        }

        return db.Caller.Scope is CallerScope.OfAccount ? new Refusal(RefusalReason.Forbidden, "Only admins change groups.")
            : Saving.CheckVersion(version, group.Version) is { } old ? old
            : group;
    }

    private Task<ResellerId> ResellerOfAsync(TenantId tenant, CancellationToken ct) =>
        db.Tenants.Where(x => x.Id == tenant).Select(x => x.ResellerId).FirstAsync(ct);

    private IQueryable<GroupSummary> Summarize(IQueryable<Group> query) =>
        query.Select(x => new GroupSummary(x, db.GroupMembers.Count(m => m.GroupId == x.Id)));
}
