using System.Net;

namespace SaaS.Domain.Dns;

/// <summary>Tells addresses of the internet from those of somebody's inside, so that a host that a customer names is no way in (SSRF).</summary>
public static class PublicAddress
{
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> b = stackalloc byte[16];
        address.TryWriteBytes(b, out var length);
        if (length == 4)
        {
            return IsV4(b);
        }

        // Only global unicast 2000::/3; of that not documentation, Teredo, ORCHID, 6to4 (which carries any IPv4). NAT64 (64:ff9b::/96), ULA,
        // link-local, multicast and loopback all lie outside of it.
        return (b[0] & 0xE0) == 0x20
            && !(b[0] == 0x20 && b[1] == 0x02)
            && !(b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02)
            && !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8)
            && !(b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10);
    }

    private static bool IsV4(ReadOnlySpan<byte> b) => !(b[0] is 0 or 10 or 127 or >= 224
        || (b[0] == 100 && b[1] is >= 64 and <= 127)
        || (b[0] == 169 && b[1] == 254)
        || (b[0] == 172 && b[1] is >= 16 and <= 31)
        || (b[0] == 192 && b[1] == 168)
        || (b[0] == 192 && b[1] == 0 && (b[2] is 0 or 2))
        || (b[0] == 192 && b[1] == 88 && b[2] == 99)
        || (b[0] == 198 && (b[1] is 18 or 19))
        || (b[0] == 198 && b[1] == 51 && b[2] == 100)
        || (b[0] == 203 && b[1] == 0 && b[2] == 113));
}
