using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace SaaS.MailHost.Net;

/// <summary>How many connections an address holds per protocol. IPv6 counts by /64: one customer has one.</summary>
internal sealed class ConnectionLimits(IOptions<ListenerOptions> options)
{
    private readonly ConcurrentDictionary<(string Protocol, IPAddress Address), int> _open = new();
    private readonly IReadOnlyList<IPNetwork> _trusted = options.Value.Trusted;
    private readonly int _limit = options.Value.ConnectionsPerAddress;

    public bool IsTrusted(IPAddress address)
    {
        foreach (var network in _trusted)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True where the connection may stay; <see cref="Leave"/> must follow then.</summary>
    public bool TryEnter(string protocol, IPAddress address)
    {
        if (_limit == 0 || IsTrusted(address))
        {
            return true;
        }

        var key = (protocol, KeyOf(address));
        if (_open.AddOrUpdate(key, 1, static (_, n) => n + 1) <= _limit)
        {
            return true;
        }

        Take(key);
        return false;
    }

    public void Leave(string protocol, IPAddress address)
    {
        if (_limit != 0 && !IsTrusted(address))
        {
            Take((protocol, KeyOf(address)));
        }
    }

    private void Take((string, IPAddress) key)
    {
        while (_open.TryGetValue(key, out var n))
        {
            if (n <= 1 ? _open.TryRemove(KeyValuePair.Create(key, n)) : _open.TryUpdate(key, n - 1, n))
            {
                return;
            }
        }
    }

    private static IPAddress KeyOf(IPAddress address)
    {
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
