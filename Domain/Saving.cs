using Microsoft.EntityFrameworkCore;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain;

/// <summary>Saves, and turns what the database refuses for a rule's sake into a refusal.</summary>
internal static class Saving
{
    /// <param name="db">The unit of work.</param>
    /// <param name="taken">The refusal when a unique index says that it is there already.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<Refusal?> TrySaveAsync(this MailDbContext db, Refusal taken, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
            return null;
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return Changed;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            db.ChangeTracker.Clear();
            return taken;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            db.ChangeTracker.Clear();
            return new Refusal(RefusalReason.HasChildren, "Something still depends on it.");
        }
    }

    public static Refusal Changed { get; } = new(RefusalReason.Conflict, "It was changed meanwhile; read it again.");

    public static Refusal Taken(string what, string field) => new(RefusalReason.AlreadyExists, $"This {what} is taken.", field);

    /// <summary>Refuses where the caller read an older version than there is now.</summary>
    public static Refusal? CheckVersion(uint? expected, uint actual) => expected is { } v && v != actual ? Changed : null;

    /// <summary>One at a time for each owner, until the transaction ends: counts under a limit stay true.</summary>
    public static Task LockAsync(this MailDbContext db, LockOf kind, long id, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({(int)kind}, {unchecked((int)id)})", ct);
}

/// <summary>What an advisory lock guards.</summary>
internal enum LockOf
{
    ResellerLimits = 0x5052,
    TenantLimits = 0x5054,
    DomainNames = 0x5044,
}
