using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Domains;
using SaaS.Domain.LegacyPlatforms;
using SaaS.Domain.Resellers;
using SaaS.Domain.Tenants;

namespace SaaS.Domain.Accounts;

/// <summary>
/// Tells every process at once that somebody may do more or less than before: a user, a role, a session, or the suspension of anything above them
/// changed. Here and not in each service, so that no change is forgotten.
/// </summary>
internal sealed class UserChanges(IChangeFeed feed) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private bool _changed;

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Note(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Note(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        TellOutsideTransaction(eventData.Context);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        TellOutsideTransaction(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Tell();

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Tell();
        return Task.CompletedTask;
    }

    private void Note(DbContext? context)
    {
        foreach (var entry in context?.ChangeTracker.Entries() ?? [])
        {
            if (entry.State is EntityState.Unchanged or EntityState.Detached)
            {
                continue;
            }

            _changed |= entry.Entity switch
            {
                AppUser or RoleGrant or UserSession => entry.State != EntityState.Added || entry.Entity is RoleGrant,
                Account => entry.State == EntityState.Deleted || entry.Property(nameof(Account.Suspended)).IsModified
                    || entry.Property(nameof(Account.DeletedAt)).IsModified || entry.Property(nameof(Account.AtLegacy)).IsModified
                    || entry.Property(nameof(Account.LegacyPlatformId)).IsModified || entry.Property(nameof(Account.LegacyUserName)).IsModified,
                LegacyPlatform => entry.State != EntityState.Added && entry.Property(nameof(LegacyPlatform.MasterUser)).IsModified,
                Tenant => entry.State != EntityState.Added && entry.Property(nameof(Tenant.Suspended)).IsModified,
                Reseller => entry.State != EntityState.Added && entry.Property(nameof(Reseller.Suspended)).IsModified,
                MailDomain => entry.State != EntityState.Added && entry.Property(nameof(MailDomain.State)).IsModified,
                _ => false,
            };
        }
    }

    // Before the commit others would read what was, and remember it.
    private void TellOutsideTransaction(DbContext? context)
    {
        if (context?.Database.CurrentTransaction is null)
        {
            Tell();
        }
    }

    private void Tell()
    {
        if (_changed)
        {
            _changed = false;
            feed.Wake(UserDirectory.Topic);
        }
    }
}
