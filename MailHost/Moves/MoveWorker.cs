using System.Collections.Concurrent;
using System.Net.Sockets;
using MailKit;
using Microsoft.Extensions.Options;
using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Moves;

namespace SaaS.MailHost.Moves;

/// <summary>Takes moves that are due, a bounded number at a time, and runs each under a lease: a node that dies loses its moves to another.</summary>
internal sealed class MoveWorker(
    MoveLedger ledger, IServiceProvider services, IChangeFeed feed, IOptions<MoveOptions> options, MoveMetrics metrics, TimeProvider clock,
    ILogger<MoveWorker> log) : BackgroundService
{
    private const int MaxAttempts = 20;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}:moves";
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ConcurrentDictionary<long, Task> _running = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.OnWake(MoveService.Topic, Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (_running.Count < options.Value.Concurrent
                    && await ledger.TakeAsync(_owner, options.Value.Lease, options.Value.PerHost, stoppingToken) is { } move)
                {
                    Start(move, stoppingToken);
                }

                metrics.Figures = await ledger.FiguresAsync(stoppingToken);
                await _wake.WaitAsync(Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.Paused(e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(_running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    private void Start(MoveLease move, CancellationToken stopping)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[move.Id] = done.Task;
        _ = RunAndForgetAsync();

        async Task RunAndForgetAsync()
        {
            try
            {
                await RunAsync(move, stopping);
            }
            finally
            {
                _running.TryRemove(move.Id, out _);
                done.SetResult();
                Wake();
            }
        }
    }

    private async Task RunAsync(MoveLease move, CancellationToken stopping)
    {
        log.Started(move.Id, move.Address, move.Host, move.Attempts);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var end = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var renewing = RenewAsync(move, stop, end.Task);
        var run = ActivatorUtilities.CreateInstance<MoveRun>(services);
        try
        {
            var result = await run.RunAsync(move, stop.Token);
            await ledger.FinishAsync(move.Id, _owner, MoveState.Done, null, result.QuotaLacks, CancellationToken.None);
            metrics.Ended("done");
            log.Done(move.Id, move.Address, result.Brought);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            end.TrySetResult(true);
            await StoppedAsync(move, await renewing);
        }
        catch (Exception e)
        {
            await FailedAsync(move, e, run.Brought > 0);
        }
        finally
        {
            end.TrySetResult(true);
            await renewing;
        }
    }

    private enum Stop
    {
        None,
        CalledOff,
        LeaseLost,
    }

    /// <summary>Until the run ends: keeps the lease, and stops the run where it is lost or somebody calls the move off.</summary>
    private async Task<Stop> RenewAsync(MoveLease move, CancellationTokenSource stop, Task ended)
    {
        while (true)
        {
            var pause = Task.Delay(options.Value.Lease / 6 < Poll ? options.Value.Lease / 6 : Poll, clock, CancellationToken.None);
            if (await Task.WhenAny(ended, pause) == ended)
            {
                return Stop.None;
            }

            try
            {
                var cancel = await ledger.RenewAsync(move.Id, _owner, options.Value.Lease, CancellationToken.None);
                if (cancel != false)
                {
                    await stop.CancelAsync();
                    return cancel is null ? Stop.LeaseLost : Stop.CalledOff;
                }
            }
            catch (NpgsqlException e)
            {
                // Next time: the lease outlives several of these.
                log.Paused(e);
            }
        }
    }

    private async Task StoppedAsync(MoveLease move, Stop why)
    {
        switch (why)
        {
            case Stop.CalledOff:
                await ledger.FinishAsync(move.Id, _owner, MoveState.Cancelled, null, 0, CancellationToken.None);
                metrics.Ended("cancelled");
                log.Cancelled(move.Id, move.Address);
                return;
            case Stop.LeaseLost:
                return;
            default:
                // This node stops: another goes on at once.
                await ledger.PostponeAsync(move.Id, _owner, TimeSpan.Zero, move.Attempts - 1, null, CancellationToken.None);
                return;
        }
    }

    private async Task FailedAsync(MoveLease move, Exception e, bool gotSomewhere)
    {
        var attempts = gotSomewhere ? 1 : move.Attempts;
        var reason = e switch
        {
            MoveFailedException => e.Message,
            IOException or SocketException or ProtocolException or CommandException or ServiceNotConnectedException or FolderNotFoundException
                => $"The source: {SourceConnections.Short(e.Message)}",
            PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => "Another node works on it.",
            NpgsqlException => "The database was away.",
            _ => "A fault of ours; the log of the role jobs says more.",
        };
        if (reason.StartsWith("A fault", StringComparison.Ordinal))
        {
            log.Fault(e, move.Id, move.Address);
        }

        try
        {
            if (e is MoveFailedException || attempts >= MaxAttempts)
            {
                await ledger.FinishAsync(move.Id, _owner, MoveState.Failed, reason, 0, CancellationToken.None);
                metrics.Ended("failed");
                log.Failed(move.Id, move.Address, reason);
                return;
            }

            var wait = TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, attempts - 1), 900));
            await ledger.PostponeAsync(move.Id, _owner, wait, attempts, reason, CancellationToken.None);
            metrics.Ended("postponed");
            log.Postponed(move.Id, move.Address, wait, reason);
        }
        catch (NpgsqlException gone)
        {
            // The lease runs out, and then it is taken again.
            log.Paused(gone);
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
            // Another was quicker, or the node has stopped.
        }
    }
}
