using System.Collections.Concurrent;
using SaaS.MailHost.Relay.Client;

namespace SaaS.MailHost.Relay;

/// <summary>What this node knows of one destination: how many senders it has, connections that wait for the next message, and whether
/// it rests because it could not be reached.</summary>
internal sealed class Destination(string name)
{
    private readonly ConcurrentStack<SmtpConnection> _idle = new();
    private int _senders;
    private long _restEnd;

    public string Name => name;

    public bool IsIdle => Volatile.Read(ref _senders) == 0 && _idle.IsEmpty;

    public bool TryEnter(int max)
    {
        if (Interlocked.Increment(ref _senders) <= max)
        {
            return true;
        }

        Interlocked.Decrement(ref _senders);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _senders);

    public bool Rests(TimeProvider clock) => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _restEnd);

    public void RestUntil(TimeProvider clock, TimeSpan time) => Interlocked.Exchange(ref _restEnd, (clock.GetUtcNow() + time).UtcTicks);

    public SmtpConnection? TakeIdle() => _idle.TryPop(out var connection) ? connection : null;

    public void Keep(SmtpConnection connection, TimeProvider clock)
    {
        connection.IdleSince = clock.GetTimestamp();
        _idle.Push(connection);
    }

    public async Task CloseIdleAsync(TimeSpan limit, TimeProvider clock)
    {
        if (_idle.IsEmpty)
        {
            return;
        }

        var taken = new List<SmtpConnection>();
        while (_idle.TryPop(out var connection))
        {
            taken.Add(connection);
        }

        foreach (var connection in taken)
        {
            if (clock.GetElapsedTime(connection.IdleSince) < limit)
            {
                _idle.Push(connection);
            }
            else
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async Task CloseAllAsync()
    {
        while (_idle.TryPop(out var connection))
        {
            await connection.DisposeAsync();
        }
    }
}
