using System.Net;
using System.Net.Sockets;

namespace SaaS.Domain.Limits;

/// <summary>Clients as limits see them: who has one IPv6 address has 2^64 of them.</summary>
public static class ClientNetwork
{
    /// <summary>The address with all but its first bits cleared.</summary>
    public static IPAddress Prefix(IPAddress address, int bitsOfV4, int bitsOfV6)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var bits = address.AddressFamily == AddressFamily.InterNetworkV6 ? bitsOfV6 : bitsOfV4;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        bytes[(bits / 8)..length].Clear();
        return new IPAddress(bytes[..length]);
    }
}
