using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>Sign-ins that are open. Asks as the platform: users without a tenant stand outside every fence, and each method names whose they are.</summary>
public sealed class UserSessions(PlatformQuery platform, TimeProvider time)
{
    /// <summary>Nothing of a session is left after the longest-lived token that follows from it.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(31);

    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(5);

    public Task<Guid> OpenAsync(long user, string method, string? address, string? userAgent, CancellationToken ct) => platform.AskAsync(async db =>
    {
        var now = time.GetUtcNow();
        var session = new UserSession
        {
            Id = Guid.CreateVersion7(now),
            UserId = user,
            CreatedAt = now,
            SeenAt = now,
            Address = address,
            UserAgent = userAgent is { Length: > 300 } ? userAgent[..300] : userAgent,
            Method = method,
        };
        db.Add(session);
        await db.SaveChangesAsync(ct);
        return session.Id;
    });

    /// <summary>The user's open sessions, the last used first; at most 100.</summary>
    public Task<List<UserSession>> ListAsync(long user, CancellationToken ct) => platform.AskAsync(db =>
        db.UserSessions.AsNoTracking().Where(x => x.UserId == user).OrderByDescending(x => x.SeenAt).Take(100).ToListAsync(ct));

    /// <summary>Notes that it is in use, and says when it was opened; null: it has ended.</summary>
    public Task<DateTimeOffset?> TouchAsync(Guid id, CancellationToken ct) => platform.AskAsync(async db =>
    {
        var now = time.GetUtcNow();
        var stale = now - Exactness;
        await db.UserSessions.Where(x => x.Id == id && x.SeenAt < stale).ExecuteUpdateAsync(s => s.SetProperty(x => x.SeenAt, now), ct);
        return await db.UserSessions.Where(x => x.Id == id).Select(x => (DateTimeOffset?)x.CreatedAt).FirstOrDefaultAsync(ct);
    });

    /// <summary>Ends one session of the user; every token that followed from it ends with it. Refusal: NotFound.</summary>
    public Task<Refusal?> EndAsync(long user, Guid id, CancellationToken ct) => platform.AskAsync(async db =>
    {
        if (await db.UserSessions.FirstOrDefaultAsync(x => x.Id == id && x.UserId == user, ct) is not { } session)
        {
            return Refusal.NotFound("session");
        }

        db.Remove(session);
        return await db.TrySaveAsync(Saving.Changed, ct);
    });

    /// <summary>Ends all sessions of the user but one.</summary>
    public Task<int> EndOthersAsync(long user, Guid? keep, CancellationToken ct) => platform.AskAsync(async db =>
    {
        var others = await db.UserSessions.Where(x => x.UserId == user && x.Id != keep).ToListAsync(ct);
        db.RemoveRange(others);
        await db.SaveChangesAsync(ct);
        return others.Count;
    });

    public Task SweepAsync(CancellationToken ct) => platform.AskAsync(db =>
    {
        var before = time.GetUtcNow() - Kept;
        return db.UserSessions.Where(x => x.SeenAt < before).ExecuteDeleteAsync(ct);
    });
}
