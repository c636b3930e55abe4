using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Domain.Accounts;

/// <summary>What holds for a user now.</summary>
/// <param name="Stamp">Changes when every session and token made before is to end.</param>
/// <param name="Active">False: the user, account, domain, tenant or reseller is switched off.</param>
/// <param name="Legacy">The mailbox is still on a legacy platform.</param>
/// <param name="AdminScope">How far the widest role reaches; null without a role.</param>
public sealed record UserFacts(
    long Id, string Login, string DisplayName, AccountId? Account, TenantId? Tenant, ResellerId? Reseller, IReadOnlyList<Role> Roles, string Stamp,
    bool Active, CallerScope? AdminScope, LegacyHome? Legacy = null);

/// <summary>
/// Users as tokens and sessions need them at every request. Remembered for <see cref="Lifetime"/> at most: a role taken away, a suspension, a
/// new password or the end of a session empties it in every process (<see cref="UserChanges"/>), so that tokens end at once although they live longer.
/// </summary>
public sealed class UserDirectory : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    /// <summary>What the change feed calls it when anybody's rights changed.</summary>
    public const string Topic = "users";

    private const int MaxRemembered = 50_000;

    private readonly PlatformQuery _platform;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;
    private readonly ConcurrentDictionary<long, (UserFacts? Facts, long At)> _known = new();
    private readonly ConcurrentDictionary<Guid, (long? User, long At)> _sessions = new();
    private int _emptied;

    public UserDirectory(PlatformQuery platform, ChangeFeed.IChangeFeed feed, TimeProvider time)
    {
        (_platform, _time) = (platform, time);
        _subscription = feed.OnWake(Topic, Empty);
    }

    /// <summary>Whose session it is; null: it has ended.</summary>
    public async ValueTask<long?> UserOfSessionAsync(Guid session, CancellationToken ct)
    {
        if (_sessions.TryGetValue(session, out var known) && _time.GetElapsedTime(known.At) < Lifetime)
        {
            return known.User;
        }

        var emptied = Volatile.Read(ref _emptied);
        var user = await _platform.AskAsync(db => db.UserSessions.Where(x => x.Id == session).Select(x => (long?)x.UserId).FirstOrDefaultAsync(ct));
        Remember(_sessions, session, (user, _time.GetTimestamp()), emptied);
        return user;
    }

    public async ValueTask<UserFacts?> FindAsync(long userId, CancellationToken ct)
    {
        if (_known.TryGetValue(userId, out var known) && _time.GetElapsedTime(known.At) < Lifetime)
        {
            return known.Facts;
        }

        var emptied = Volatile.Read(ref _emptied);
        var facts = await ReadAsync(userId, ct);
        Remember(_known, userId, (facts, _time.GetTimestamp()), emptied);
        return facts;
    }

    /// <summary>As it is in the database at this moment.</summary>
    public Task<UserFacts?> ReadAsync(long userId, CancellationToken ct) => _platform.AskAsync(db => ReadAsync(db, userId, ct));

    public void Forget(long userId) => _known.TryRemove(userId, out _);

    public void Dispose() => _subscription.Dispose();

    private void Empty()
    {
        Interlocked.Increment(ref _emptied);
        _known.Clear();
        _sessions.Clear();
    }

    // What was read before a change and comes in after it is old already.
    private void Remember<TKey, TValue>(ConcurrentDictionary<TKey, TValue> all, TKey key, TValue value, int emptied)
        where TKey : notnull
    {
        if (all.Count > MaxRemembered)
        {
            all.Clear();
        }

        all[key] = value;
        if (Volatile.Read(ref _emptied) != emptied)
        {
            all.TryRemove(key, out _);
        }
    }

    private static async Task<UserFacts?> ReadAsync(MailDbContext db, long userId, CancellationToken ct)
    {
        var user = await (
            from u in db.Users.AsNoTracking()
            where u.Id == userId
            select new
            {
                User = u,
                Account = db.Accounts.Where(a => a.Id == u.AccountId).Select(a => new
                {
                    a.Suspended,
                    a.DomainId,
                    Home = a.AtLegacy ? a.LegacyPlatformId : null,
                    a.LegacyUserName,
                    HasMaster = a.AtLegacy && db.LegacyPlatforms.Any(p => p.Id == a.LegacyPlatformId && p.MasterUser != null),
                }).FirstOrDefault(),
                Tenant = db.Tenants.Where(t => t.Id == u.TenantId).Select(t => new
                {
                    t.Suspended,
                    ResellerSuspended = db.Resellers.Any(r => r.Id == t.ResellerId && r.Suspended),
                }).FirstOrDefault(),
            }).FirstOrDefaultAsync(ct);
        if (user is null)
        {
            return null;
        }

        var grants = await db.RoleGrants.AsNoTracking().Where(x => x.UserId == userId).OrderBy(x => x.Role).ThenBy(x => x.Id).ToListAsync(ct);
        var reseller = grants.FirstOrDefault(x => x.Role == Role.ResellerAdmin)?.ResellerId;
        var tenant = grants.FirstOrDefault(x => x.Role == Role.TenantAdmin)?.TenantId;
        var active = !user.User.Disabled
            && (user.User.AccountId is null || user.Account is { Suspended: false })
            && (user.User.TenantId is null || user.Tenant is { Suspended: false, ResellerSuspended: false })
            && (reseller is null || !await db.Resellers.AnyAsync(r => r.Id == reseller && r.Suspended, ct))
            && (user.Account is null || !await db.Domains.AnyAsync(d => d.Id == user.Account.DomainId && d.State == Domains.DomainState.Suspended, ct));
        CallerScope? scope = grants.Any(x => x.Role == Role.Operator) ? CallerScope.Platform
            : reseller is { } r ? new CallerScope.OfReseller(r)
            : tenant is { } t ? new CallerScope.OfTenant(t)
            : null;
        return new UserFacts(
            userId, user.User.UserName ?? "", user.User.DisplayName, user.User.AccountId, user.User.TenantId ?? tenant, reseller,
            [.. grants.Select(x => x.Role).Distinct()], user.User.SecurityStamp ?? "", active, scope,
            user.Account is { Home: { } home } at ? new LegacyHome(home, at.LegacyUserName, at.HasMaster) : null);
    }
}
