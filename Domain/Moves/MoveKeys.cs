using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SaaS.Domain.Moves;

/// <summary>Names that stay the same from run to run.</summary>
public static class MoveKeys
{
    /// <summary>An account on a platform. The port is no part of it: 143 and 993 lead to the same mail.</summary>
    public static long Source(string kind, string host, string user) => Hash($"{kind}\n{host.ToLowerInvariant()}\n{user}");

    public static long Folder(long source, string name) => Hash($"{source}\n{name}");

    /// <summary>64 bits, positive.</summary>
    public static long Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    public static long Hash(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(bytes)) & long.MaxValue;

    /// <summary>Of the header fields as they stand, unfolded and trimmed, and the size at the source.</summary>
    public static byte[] Digest(string? messageId, string? date, long size) => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Unfold(messageId)}\n{Unfold(date)}\n{size}")))[..16];

    private static string Unfold(string? value) =>
        value is null ? "" : string.Join(' ', value.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
