namespace SaaS.Domain.Dns;

/// <summary>
/// Knows whether a resolver can be reached. A question that times out proves nothing (the name's own servers may be away), so it asks
/// the resolver for the root: any answer to that closes the breaker, none opens it. While open, one probe at a time is made.
/// </summary>
internal sealed class DnsBreaker(Func<Task<bool>> probe, TimeSpan breakFor, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Task<bool>? _probing;
    private bool? _reachable;
    private long _brokenAt;

    /// <summary>False at once while the resolver is known to be away.</summary>
    public ValueTask<bool> MayAskAsync()
    {
        lock (_lock)
        {
            if (_reachable == true)
            {
                return ValueTask.FromResult(true);
            }

            if (_reachable == false && (_probing is not null || clock.GetElapsedTime(_brokenAt) < breakFor))
            {
                return ValueTask.FromResult(false);
            }

            return new ValueTask<bool>(_probing ??= ProbeAsync());
        }
    }

    /// <summary>A question got no answer: looks whether it was the resolver's fault.</summary>
    public async ValueTask SuspectAsync()
    {
        Task<bool> probing;
        lock (_lock)
        {
            probing = _probing ??= ProbeAsync();
        }

        await probing;
    }

    private async Task<bool> ProbeAsync()
    {
        // Leaves the lock before anything is asked.
        await Task.Yield();
        var reachable = await probe();
        lock (_lock)
        {
            _reachable = reachable;
            _brokenAt = clock.GetTimestamp();
            _probing = null;
        }

        return reachable;
    }
}
