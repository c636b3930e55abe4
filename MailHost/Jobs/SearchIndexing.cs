using System.Collections.Concurrent;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages.Search;

namespace SaaS.MailHost.Jobs;

/// <summary>
/// Keeps the search index half a second behind delivery: hears every account's changes, collects them briefly, and indexes each account
/// that changed. While mail comes in faster than this machine can deliver and index at once, delivery goes first, for half a minute at
/// most. A sweep at start and every ten minutes finds what a lost hint left behind.
/// </summary>
internal sealed partial class SearchIndexing(PostgresSearchIndex index, IChangeFeed feed, TimeProvider clock, ILogger<SearchIndexing> log) : BackgroundService
{
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);
    private const int SweepBatch = 1000;

    /// <summary>Changes a second for each core from which on indexing waits: about a tenth of what a core can deliver.</summary>
    private const int BusyPerCore = 50;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<AccountId, bool> _changed = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _changes;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.SubscribeAll((account, _) =>
        {
            _changed[account] = true;
            Interlocked.Increment(ref _changes);
            Wake();
        });
        var sweptAt = clock.GetTimestamp() - (long)(SweepEvery.TotalSeconds * clock.TimestampFrequency);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (clock.GetElapsedTime(sweptAt) >= SweepEvery)
                {
                    sweptAt = clock.GetTimestamp();
                    await SweepAsync(stoppingToken);
                }

                foreach (var account in _changed.Keys)
                {
                    _changed.TryRemove(account, out _);
                    await index.CatchUpAsync(account, TimeSpan.FromSeconds(30), stoppingToken);
                }

                await _wake.WaitAsync(SweepEvery, stoppingToken);
                await QuietAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The database may be away: what was missed is found by the sweep.
                Failed(log, e);
                sweptAt = clock.GetTimestamp() - (long)((SweepEvery - TimeSpan.FromSeconds(15)).TotalSeconds * clock.TimestampFrequency);
                await Task.Delay(TimeSpan.FromSeconds(5), clock, stoppingToken);
                Wake();
            }
        }
    }

    private async Task QuietAsync(CancellationToken ct)
    {
        var busy = BusyPerCore * Environment.ProcessorCount * Debounce.TotalSeconds;
        var started = clock.GetTimestamp();
        long before;
        do
        {
            before = Interlocked.Read(ref _changes);
            await Task.Delay(Debounce, clock, ct);
        }
        while (Interlocked.Read(ref _changes) - before > busy && clock.GetElapsedTime(started) < MaxDelay);
    }

    private async Task SweepAsync(CancellationToken ct)
    {
        IReadOnlyList<AccountId> behind;
        do
        {
            behind = await index.BehindAsync(SweepBatch, ct);
            foreach (var account in behind)
            {
                await index.CatchUpAsync(account, TimeSpan.FromMinutes(5), ct);
            }
        }
        while (behind.Count == SweepBatch);
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another thread was quicker.
            }
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    [LoggerMessage(6010, LogLevel.Warning, "Search indexing paused")]
    private static partial void Failed(ILogger logger, Exception exception);
}
