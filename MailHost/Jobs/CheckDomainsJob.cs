using Microsoft.EntityFrameworkCore;
using SaaS.Domain;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;

namespace SaaS.MailHost.Jobs;

/// <summary>
/// Looks at DNS for the domains that wait for something there, so that nobody has to press a button: the TXT record that proves a domain,
/// the DKIM record that lets a key begin to sign. New domains are looked at every 5 minutes for a day, then hourly for 30 days, then daily.
/// </summary>
internal sealed class CheckDomainsJob(IServiceScopeFactory scopes, TimeProvider clock, ILogger<CheckDomainsJob> log)
{
    private const int Batch = 500;

    public async Task RunAsync(CancellationToken ct)
    {
        var waiting = await WaitingAsync(ct);
        var looked = 0;
        foreach (var id in waiting)
        {
            // A scope each: a refusal or a failed save of one domain leaves nothing behind for the next.
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<Caller>().Scope = CallerScope.Platform;
            var check = scope.ServiceProvider.GetRequiredService<DomainCheck>();
            var verified = await check.VerifyAsync(id, ct);
            if (verified.Refusal?.Reason == RefusalReason.TemporarilyUnavailable)
            {
                // No resolver answers: the next run goes on here.
                break;
            }

            var records = await check.RecordsAsync(id, ct);
            looked++;
            if (verified.Value is { } domain && domain.VerifiedAt >= clock.GetUtcNow() - TimeSpan.FromMinutes(1))
            {
                log.DomainProven(domain.Name);
            }

            if (records.Value?.All(r => r.State == RecordState.Unknown) == true)
            {
                break;
            }
        }

        if (looked > 0)
        {
            log.DomainsChecked(looked);
        }
    }

    private async Task<IReadOnlyList<DomainId>> WaitingAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Scope = CallerScope.Platform;
        var db = scope.ServiceProvider.GetRequiredService<MailDbContext>();
        var now = clock.GetUtcNow();
        DateTimeOffset day = now.AddDays(-1), month = now.AddDays(-30), fewMinutes = now.AddMinutes(-4), hour = now.AddMinutes(-59);
        return await db.Domains
            .Where(d => d.State == DomainState.Pending
                || (d.State == DomainState.Verified && db.DkimKeys.Any(k => k.DomainId == d.Id && k.State == DkimKeyState.Published)))
            .Where(d => d.CheckedAt == null || d.CheckedAt < day
                || (d.CreatedAt > day && d.CheckedAt < fewMinutes)
                || (d.CreatedAt > month && d.CheckedAt < hour))
            .OrderBy(d => d.CheckedAt).ThenBy(d => d.Id).Take(Batch).Select(d => d.Id).ToListAsync(ct);
    }
}
