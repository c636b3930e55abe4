using System.Collections.Concurrent;
using System.Net;
using Npgsql;
using SaaS.Domain.Limits;

namespace SaaS.Domain.Accounts;

/// <summary>
/// Failed sign-ins of the last while. What this process knows to be too much it refuses without asking; whoever is about to try a password is
/// also looked up in the counts that all processes share. A window starts with its first failure and forgets all at its end.
/// </summary>
internal sealed class FailureCounts(NpgsqlDataSource source, TimeProvider clock)
{
    /// <summary>Someone who mistypes, and a mail program that keeps an old password.</summary>
    private const int PerLoginAndAddress = 10;
    /// <summary>Guessing from many addresses at one login.</summary>
    private const int PerLogin = 100;
    /// <summary>One address (IPv4, or IPv6 /64) that guesses at many logins; wide, since a whole office may share one.</summary>
    private const int PerAddress = 300;
    /// <summary>A network (IPv4 /24, IPv6 /48) whose many addresses guess.</summary>
    private const int PerNetwork = 1500;
    private const int MaxEntries = 200_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private readonly SharedCounters _shared = new(source, clock);
    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    private sealed class Count(long since)
    {
        public readonly long Since = since;
        public int Failures;
    }

    public async ValueTask<bool> ExceededAsync(string login, IPAddress address, CancellationToken ct)
    {
        var keys = KeysOf(login, address);
        if (keys.Any(k => Of(k.Key) >= k.Limit))
        {
            return true;
        }

        var shared = await _shared.ReadAsync([.. keys.Select(k => k.Key)], ct);
        return keys.Any(k => shared.TryGetValue(k.Key, out var count) && count >= k.Limit);
    }

    /// <summary>Whether the address alone has failed too often, whatever it claimed to be.</summary>
    public ValueTask<bool> ExceededByAsync(IPAddress address, CancellationToken ct) => ExceededAsync("", address, ct);

    public async ValueTask AddAsync(string login, IPAddress address, CancellationToken ct)
    {
        var keys = KeysOf(login, address);
        foreach (var (key, _) in keys)
        {
            Increment(key);
        }

        await _shared.AddAsync([.. keys.Select(k => (k.Key, 1))], clock.GetUtcNow() + Window, ct);
    }

    private static List<(string Key, int Limit)> KeysOf(string login, IPAddress address)
    {
        var (from, network) = (ClientNetwork.Prefix(address, 32, 64), ClientNetwork.Prefix(address, 24, 48));
        var keys = new List<(string, int)> { ($"signin a {from}", PerAddress), ($"signin n {network}", PerNetwork) };
        if (login.Length > 0)
        {
            keys.Add(($"signin l {login} {from}", PerLoginAndAddress));
            keys.Add(($"signin l {login}", PerLogin));
        }

        return keys;
    }

    private int Of(string key) =>
        _counts.TryGetValue(key, out var c) && clock.GetElapsedTime(c.Since) < Window ? Volatile.Read(ref c.Failures) : 0;

    private void Increment(string key)
    {
        if (_counts.Count > MaxEntries)
        {
            foreach (var (old, c) in _counts)
            {
                if (clock.GetElapsedTime(c.Since) >= Window)
                {
                    _counts.TryRemove(old, out _);
                }
            }
        }

        var count = _counts.AddOrUpdate(
            key,
            static (_, clock) => new Count(clock.GetTimestamp()),
            static (_, old, clock) => clock.GetElapsedTime(old.Since) < Window ? old : new Count(clock.GetTimestamp()),
            clock);
        Interlocked.Increment(ref count.Failures);
    }
}
