using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.LegacyPlatforms;
using SaaS.Domain.Tenants;

namespace SaaS.Domain;

/// <summary>Tells every node, after the commit, that an address may lead elsewhere now: what the routers remember is forgotten.</summary>
public sealed class DirectoryChanges(IChangeFeed feed) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    /// <summary>The change feed's topic. SQL of one's own that changes accounts, aliases, groups, domains or tenants wakes it itself.</summary>
    public const string Topic = "directory";

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Look(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Look(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Tell(eventData.Context);

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Tell(eventData.Context);
        return Task.CompletedTask;
    }

    private static void Look(DbContext? context)
    {
        if (context is MailDbContext { DirectoryChanged: false } db)
        {
            db.DirectoryChanged = db.ChangeTracker.Entries().Any(e =>
                e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted
                && e.Entity is Account or Alias or Group or GroupMember or AddressEntry or MailDomain or Tenant or LegacyPlatform);
        }
    }

    // In a transaction of the caller's it counts with the commit.
    private void Saved(DbContext? context)
    {
        if (context?.Database.CurrentTransaction is null)
        {
            Tell(context);
        }
    }

    private void Tell(DbContext? context)
    {
        if (context is MailDbContext { DirectoryChanged: true } db)
        {
            db.DirectoryChanged = false;
            feed.Wake(Topic);
        }
    }
}
