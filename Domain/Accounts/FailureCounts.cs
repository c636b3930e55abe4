using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SaaS.Domain.Accounts;

/// <summary>Failed sign-ins of the last while, in this process. A window starts with its first failure and forgets all at its end.</summary>
internal sealed class FailureCounts(TimeProvider clock)
{
    /// <summary>Someone who mistypes, and a mail program that keeps an old password.</summary>
    private const int PerLoginAndAddress = 10;
    /// <summary>Guessing from many addresses at one login.</summary>
    private const int PerLogin = 100;
    /// <summary>One address that guesses at many logins; wide, since a whole office may share one.</summary>
    private const int PerAddress = 300;
    private const int MaxEntries = 200_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(string Login, IPAddress? Address), Count> _counts = new();

    private sealed class Count(long since)
    {
        public readonly long Since = since;
        public int Failures;
    }

    public bool Exceeded(string login, IPAddress address)
    {
        var from = KeyOf(address);
        return Of(login, from) >= PerLoginAndAddress || Of(login, null) >= PerLogin || Of("", from) >= PerAddress;
    }

    /// <summary>Whether the address alone has failed too often, whatever it claimed to be.</summary>
    public bool ExceededBy(IPAddress address) => Of("", KeyOf(address)) >= PerAddress;

    public void Add(string login, IPAddress address)
    {
        var from = KeyOf(address);
        Increment(login, from);
        if (login.Length > 0)
        {
            Increment(login, null);
            Increment("", from);
        }
    }

    private int Of(string login, IPAddress? address) =>
        _counts.TryGetValue((login, address), out var c) && clock.GetElapsedTime(c.Since) < Window ? Volatile.Read(ref c.Failures) : 0;

    private void Increment(string login, IPAddress? address)
    {
        if (_counts.Count > MaxEntries)
        {
            foreach (var (key, c) in _counts)
            {
                if (clock.GetElapsedTime(c.Since) >= Window)
                {
                    _counts.TryRemove(key, out _);
                }
            }
        }

        var count = _counts.AddOrUpdate(
            (login, address),
            static (_, clock) => new Count(clock.GetTimestamp()),
            static (_, old, clock) => clock.GetElapsedTime(old.Since) < Window ? old : new Count(clock.GetTimestamp()),
            clock);
        Interlocked.Increment(ref count.Failures);
    }

    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
