using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace SaaS.Domain.Accounts;

/// <summary>Time-based one-time passwords: six digits, 30 seconds, HMAC-SHA-1 (RFC 6238; what every authenticator can do).</summary>
internal static class Totp
{
    public const int Period = 30;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);

    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / Period;

    // HOTP(K, T)   RFC 4226 §5.3, RFC 6238 §4.2
    public static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[20];
#pragma warning disable CA5350 // RFC 6238 §1.2; collisions of SHA-1 do not touch HMAC.
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var at = mac[^1] & 0x0F;
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[at..]) & 0x7FFFFFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, one before or after now at most (RFC 6238 §5.2); null: none.</summary>
    public static long? Find(byte[] secret, string code, DateTimeOffset now)
    {
        long? found = null;
        for (var step = StepOf(now) - 1; step <= StepOf(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(Code(secret, step)), System.Text.Encoding.ASCII.GetBytes(code)))
            {
                found = step;
            }
        }

        return found;
    }

    public static string ToBase32(byte[] bytes)
    {
        var text = new System.Text.StringBuilder();
        var (bits, value) = (0, 0);
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Alphabet[(value >> (bits - 5)) & 31]);
            }

            value &= (1 << bits) - 1;
        }

        return bits > 0 ? text.Append(Alphabet[(value << (5 - bits)) & 31]).ToString() : text.ToString();
    }

    public static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (bits, value) = (0, 0);
        foreach (var c in text)
        {
            value = (value << 5) | Alphabet.IndexOf(c, StringComparison.Ordinal);
            if ((bits += 5) >= 8)
            {
                bytes.Add((byte)(value >> (bits -= 8)));
                value &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
