using System.Collections.Concurrent;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Queue;

namespace SaaS.MailHost.Relay;

/// <summary>
/// Watches the queue and starts senders: each destination has its own bounded set, all share a bound of the node. So a destination
/// that is slow or away keeps only its own senders busy.
/// </summary>
internal sealed class RelayWorker(
    OutboundQueue queue, DestinationSender sender, RelayMetrics metrics, IChangeFeed feed, QueueOptions queueOptions, RelayOptions options,
    TimeProvider clock, ILogger<RelayWorker> log) : BackgroundService
{
    private const int WalkPage = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TakeBackEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Destination> _destinations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _abort = new();
    private int _senders;
    private bool _starved;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.OnWake(OutboundQueue.Topic, Wake);
        var renewing = RenewAsync(stoppingToken);
        long takenBack = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (takenBack == 0 || clock.GetElapsedTime(takenBack) >= TakeBackEvery)
                {
                    takenBack = clock.GetTimestamp();
                    if (await queue.TakeBackAsync(stoppingToken) is > 0 and var count)
                    {
                        RelayLog.TakenBack(log, count);
                    }

                    metrics.Figures = await queue.FiguresAsync(stoppingToken);
                    await sender.CloseIdleAsync(_destinations.Values);
                    Forget();
                }

                _starved = false;
                await StartDueAsync(stoppingToken);
                var next = await queue.NextDueAsync(stoppingToken);
                var wait = next is { } at ? at - clock.GetUtcNow() : Poll;
                await _wake.WaitAsync(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Poll ? wait : Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                RelayLog.Fault(log, e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // Messages on the wire are finished while the host still waits; then they are cut.
        await using var cut = cancellationToken.Register(_abort.Cancel);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var destination in _destinations.Values)
        {
            await destination.CloseAllAsync();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _abort.Dispose();
        base.Dispose();
    }

    private async Task StartDueAsync(CancellationToken ct)
    {
        if (options.SmartHost.Length > 0)
        {
            StartSender(OutboundQueue.Anywhere, ct);
            await StartLegacyAsync(ct);
            return;
        }

        var after = "";
        while (true)
        {
            var page = await queue.DestinationsAsync(after, WalkPage, ct);
            foreach (var (name, due) in page)
            {
                if (due)
                {
                    StartSender(name, ct);
                }
            }

            if (page.Count < WalkPage || _senders >= options.MaxConnections)
            {
                return;
            }

            after = page[^1].Name;
        }
    }

    // The smart host takes what goes outside; a legacy platform has a host of its own.
    private async Task StartLegacyAsync(CancellationToken ct)
    {
        var after = LegacyDestination.Prefix;
        while (await queue.DestinationsAsync(after, WalkPage, ct) is { Count: > 0 } page)
        {
            foreach (var (name, due) in page.Where(d => LegacyDestination.Parse(d.Name) is not null))
            {
                if (due)
                {
                    StartSender(name, ct);
                }
            }

            if (page.Count < WalkPage)
            {
                return;
            }

            after = page[^1].Name;
        }
    }

    private void StartSender(string name, CancellationToken stopping)
    {
        var destination = _destinations.GetOrAdd(name, n => new Destination(n));
        if (stopping.IsCancellationRequested || destination.Rests(clock))
        {
            return;
        }

        if (Interlocked.Increment(ref _senders) > options.MaxConnections)
        {
            Interlocked.Decrement(ref _senders);
            _starved = true;
            return;
        }

        if (!destination.TryEnter(options.MaxConnectionsPerDestination))
        {
            Interlocked.Decrement(ref _senders);
            return;
        }

        var task = Task.Run(async () =>
        {
            try
            {
                await sender.RunAsync(destination, () => StartSender(name, stopping), stopping, _abort.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                RelayLog.DestinationFault(log, e, name);
                destination.RestUntil(clock, TimeSpan.FromSeconds(1));
            }
            finally
            {
                destination.Leave();
                Interlocked.Decrement(ref _senders);
                if (_starved)
                {
                    Wake();
                }
            }
        }, CancellationToken.None);
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(t => _running.TryRemove(t, out _), TaskScheduler.Default);
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(queueOptions.Lease / 3, clock);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await sender.RenewLeasesAsync(ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                RelayLog.Fault(log, e);
            }
        }
    }

    private void Forget()
    {
        foreach (var (name, destination) in _destinations)
        {
            if (destination.IsIdle && !destination.Rests(clock))
            {
                _destinations.TryRemove(new KeyValuePair<string, Destination>(name, destination));
            }
        }
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it at the same moment, or it is over.
        }
    }
}
