using System.Collections.Concurrent;
using SaaS.Domain.Common;

namespace SaaS.Api.Jmap.Core;

/// <summary>So many requests of one account at a time; what comes above waits a little, in line.</summary>
internal sealed class Concurrency
{
    private readonly ConcurrentDictionary<(AccountId, string), Gate> _gates = new();

    /// <summary>Null when no place came free in time.</summary>
    public async Task<IDisposable?> EnterAsync(AccountId account, string kind, int max, TimeSpan wait, CancellationToken ct)
    {
        var key = (account, kind);
        Gate gate;
        while (true)
        {
            gate = _gates.GetOrAdd(key, _ => new Gate(max));
            lock (gate)
            {
                if (!gate.Gone)
                {
                    gate.Users++;
                    break;
                }
            }
        }

        var entered = false;
        try
        {
            entered = gate.Users <= max * 8 && await gate.Places.WaitAsync(wait, ct);
            return entered ? new Leave(this, key, gate) : null;
        }
        finally
        {
            if (!entered)
            {
                Release(key, gate);
            }
        }
    }

    private void Release((AccountId, string) key, Gate gate)
    {
        lock (gate)
        {
            if (--gate.Users == 0)
            {
                gate.Gone = true;
                _gates.TryRemove(key, out _);
                gate.Places.Dispose();
            }
        }
    }

    private sealed class Gate(int max)
    {
        public SemaphoreSlim Places { get; } = new(max);
        public int Users { get; set; }
        public bool Gone { get; set; }
    }

    private sealed class Leave(Concurrency owner, (AccountId, string) key, Gate gate) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Places.Release();
                owner.Release(key, gate);
            }
        }
    }
}
