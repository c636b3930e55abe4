using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SaaS.Domain.Common;

namespace SaaS.Domain.ChangeFeed;

/// <summary>Carries hints between processes.</summary>
public interface IChangeTransport
{
    /// <summary>At most 7,900 octets. May throw; the hint is then lost.</summary>
    Task SendAsync(string payload, CancellationToken ct);

    /// <summary>Receives until cancelled; <paramref name="connected"/> is called each time that a connection stands, since hints may have been lost before.</summary>
    Task ReceiveAsync(Action<string> received, Action connected, CancellationToken ct);
}

/// <summary>Answers which accounts changed behind the feed's back.</summary>
public interface IChangePoll
{
    Task<IReadOnlyDictionary<AccountId, ModSeq>> CurrentAsync(IReadOnlyCollection<AccountId> accounts, CancellationToken ct);
}

/// <summary>
/// In process at once; to other processes in batches: while one hint is on its way, the next ones gather, so that a burst costs a few
/// round trips and never one per delivery. Every <see cref="PollEvery"/> the subscribed accounts are compared with the database.
/// </summary>
public sealed partial class ChangeFeed(IChangeTransport transport, IChangePoll poll, TimeProvider clock, ILogger<ChangeFeed> log)
    : BackgroundService, IChangeFeed
{
    public static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(30);
    private const int MaxPayload = 7900;

    private readonly string _self = Guid.NewGuid().ToString("N")[..12];
    private readonly ConcurrentDictionary<AccountId, Subscribers> _subscribers = new();
    private readonly ConcurrentDictionary<string, Action[]> _wakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<AccountId, long> _pending = new();
    private readonly ConcurrentDictionary<string, bool> _pendingWakes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Lock _gate = new();
    private Action<AccountId, ModSeq>[] _all = [];

    /// <summary>An array that is replaced, never changed: publishing takes no lock.</summary>
    private sealed class Subscribers
    {
        public Action<ModSeq>[] List = [];
        public long LastSeen;
    }

    public void Publish(AccountId account, ModSeq modSeq)
    {
        Tell(account, modSeq);
        _pending.AddOrUpdate(account, static (_, m) => m, static (_, old, m) => Math.Max(old, m), modSeq.Value);
        Signal();
    }

    public IDisposable Subscribe(AccountId account, Action<ModSeq> onChange)
    {
        lock (_gate)
        {
            var subscribers = _subscribers.GetOrAdd(account, static _ => new Subscribers());
            subscribers.List = [.. subscribers.List, onChange];
        }

        return new Disposer(() =>
        {
            lock (_gate)
            {
                if (_subscribers.TryGetValue(account, out var subscribers))
                {
                    subscribers.List = Without(subscribers.List, onChange);
                    if (subscribers.List.Length == 0)
                    {
                        _subscribers.TryRemove(account, out _);
                    }
                }
            }
        });
    }

    public IDisposable SubscribeAll(Action<AccountId, ModSeq> onChange)
    {
        lock (_gate)
        {
            _all = [.. _all, onChange];
        }

        return new Disposer(() =>
        {
            lock (_gate)
            {
                _all = Without(_all, onChange);
            }
        });
    }

    public void Wake(string topic)
    {
        TellWake(topic);
        _pendingWakes[topic] = true;
        Signal();
    }

    public IDisposable OnWake(string topic, Action onWake)
    {
        _wakers.AddOrUpdate(topic, _ => [onWake], (_, old) => [.. old, onWake]);
        return new Disposer(() => _wakers.AddOrUpdate(topic, _ => [], (_, old) => Without(old, onWake)));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        LoopAsync("send", SendAsync, stoppingToken),
        LoopAsync("receive", ct => transport.ReceiveAsync(Received, Reconnected, ct), stoppingToken),
        LoopAsync("poll", PollAsync, stoppingToken));

    /// <summary>Runs one of the three for ever; a fault costs a second's pause and never the process.</summary>
    private async Task LoopAsync(string name, Func<CancellationToken, Task> body, CancellationToken ct)
    {
        await Task.Yield();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await body(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogLoopFault(log, name, e.Message);
                try
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        while (true)
        {
            await _signal.WaitAsync(ct);
            var text = new StringBuilder(_self).Append('|');
            foreach (var topic in _pendingWakes.Keys)
            {
                if (_pendingWakes.TryRemove(topic, out _))
                {
                    text.Append('!').Append(topic).Append(',');
                }
            }

            foreach (var account in _pending.Keys)
            {
                if (_pending.TryRemove(account, out var modSeq))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{account.Value}:{modSeq},");
                    if (text.Length > MaxPayload - 64)
                    {
                        await transport.SendAsync(text.ToString(), ct);
                        text.Clear().Append(_self).Append('|');
                    }
                }
            }

            if (text[^1] == ',')
            {
                await transport.SendAsync(text.ToString(), ct);
            }
        }
    }

    private void Received(string payload)
    {
        var bar = payload.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0 || payload.AsSpan(0, bar).SequenceEqual(_self))
        {
            return;
        }

        foreach (var range in payload.AsSpan(bar + 1).Split(','))
        {
            var item = payload.AsSpan(bar + 1)[range];
            var colon = item.IndexOf(':');
            if (item.Length > 1 && item[0] == '!')
            {
                TellWake(item[1..].ToString());
            }
            else if (colon > 0
                && long.TryParse(item[..colon], CultureInfo.InvariantCulture, out var account)
                && long.TryParse(item[(colon + 1)..], CultureInfo.InvariantCulture, out var modSeq))
            {
                Tell(new AccountId(account), new ModSeq(modSeq));
            }
        }
    }

    private void Reconnected()
    {
        foreach (var topic in _wakers.Keys)
        {
            TellWake(topic);
        }
    }

    private async Task PollAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(PollEvery, clock, ct);
            foreach (var chunk in _subscribers.Keys.Chunk(5000))
            {
                foreach (var (account, modSeq) in await poll.CurrentAsync(chunk, ct))
                {
                    if (_subscribers.TryGetValue(account, out var s) && Volatile.Read(ref s.LastSeen) < modSeq.Value)
                    {
                        Tell(account, modSeq);
                    }
                }
            }
        }
    }

    private void Tell(AccountId account, ModSeq modSeq)
    {
        if (_subscribers.TryGetValue(account, out var subscribers))
        {
            Volatile.Write(ref subscribers.LastSeen, Math.Max(Volatile.Read(ref subscribers.LastSeen), modSeq.Value));
            foreach (var call in subscribers.List)
            {
                call(modSeq);
            }
        }

        foreach (var call in _all)
        {
            call(account, modSeq);
        }
    }

    private void TellWake(string topic)
    {
        if (_wakers.TryGetValue(topic, out var calls))
        {
            foreach (var call in calls)
            {
                call();
            }
        }
    }

    private void Signal()
    {
        if (_signal.CurrentCount == 0)
        {
            try
            {
                _signal.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else signalled in between: that is all that was wanted.
            }
        }
    }

    private static T[] Without<T>(T[] list, T item)
        where T : Delegate
    {
        var at = Array.FindIndex(list, x => ReferenceEquals(x, item));
        return at < 0 ? list : [.. list[..at], .. list[(at + 1)..]];
    }

    [LoggerMessage(100, LogLevel.Warning, "The change feed's {Loop} loop failed and starts again: {Reason}")]
    private static partial void LogLoopFault(ILogger log, string loop, string reason);

    private sealed class Disposer(Action dispose) : IDisposable
    {
        private Action? _dispose = dispose;

        public void Dispose() => Interlocked.Exchange(ref _dispose, null)?.Invoke();
    }
}
