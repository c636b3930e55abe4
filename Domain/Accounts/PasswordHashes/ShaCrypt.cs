using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>crypt(3) with SHA-256 ($5$) and SHA-512 ($6$).</summary>
/// <remarks>Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6; the numbers are its steps.</remarks>
internal static class ShaCrypt
{
    public const int MaxRounds = 500_000;
    private const int DefaultRounds = 5000;

    // Which octets make each group of four characters (step 22).
    private static readonly int[][] Order256 =
        [[0, 10, 20], [21, 1, 11], [12, 22, 2], [3, 13, 23], [24, 4, 14], [15, 25, 5], [6, 16, 26], [27, 7, 17], [18, 28, 8], [9, 19, 29]];

    private static readonly int[][] Order512 =
    [
        [0, 21, 42], [22, 43, 1], [44, 2, 23], [3, 24, 45], [25, 46, 4], [47, 5, 26], [6, 27, 48], [28, 49, 7], [50, 8, 29], [9, 30, 51], [31, 52, 10],
        [53, 11, 32], [12, 33, 54], [34, 55, 13], [56, 14, 35], [15, 36, 57], [37, 58, 16], [59, 17, 38], [18, 39, 60], [40, 61, 19], [62, 20, 41],
    ];

    /// <summary>Null where it is no such hash.</summary>
    public static int? Rounds(string hash) => Parse(hash)?.Rounds;

    public static string Hash(string password, string hash)
    {
        var (rounds, written, salt) = Parse(hash) ?? throw new FormatException("Not a SHA-crypt hash.");
        var big = hash[1] == '6';
        var digest = Digest(Encoding.UTF8.GetBytes(password), Encoding.ASCII.GetBytes(salt), rounds, big ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        var text = new StringBuilder().Append(hash.AsSpan(0, 3)).Append(written ? string.Create(CultureInfo.InvariantCulture, $"rounds={rounds}$") : "")
            .Append(salt).Append('$');
        foreach (var three in big ? Order512 : Order256)
        {
            CryptBase64.Append(text, (digest[three[0]] << 16) | (digest[three[1]] << 8) | digest[three[2]], 4);
        }

        if (big)
        {
            CryptBase64.Append(text, digest[63], 2);
        }
        else
        {
            CryptBase64.Append(text, (digest[31] << 8) | digest[30], 3);
        }

        return text.ToString();
    }

    private static byte[] Digest(byte[] password, byte[] salt, int rounds, HashAlgorithmName name)
    {
        // 4 to 8
        byte[] b = CryptographicOperations.HashData(name, [.. password, .. salt, .. password]);

        // 1 to 3, 9 to 12
        using var hash = IncrementalHash.CreateHash(name);
        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(Repeat(b, password.Length));
        for (var bits = password.Length; bits > 0; bits >>= 1)
        {
            hash.AppendData((bits & 1) != 0 ? b : password);
        }

        var a = hash.GetHashAndReset();

        // 13 to 16
        foreach (var _ in password)
        {
            hash.AppendData(password);
        }

        var p = Repeat(hash.GetHashAndReset(), password.Length);

        // 17 to 20
        for (var i = 0; i < 16 + a[0]; i++)
        {
            hash.AppendData(salt);
        }

        var s = Repeat(hash.GetHashAndReset(), salt.Length);

        // 21
        for (var round = 0; round < rounds; round++)
        {
            hash.AppendData((round & 1) != 0 ? p : a);
            if (round % 3 != 0)
            {
                hash.AppendData(s);
            }

            if (round % 7 != 0)
            {
                hash.AppendData(p);
            }

            hash.AppendData((round & 1) != 0 ? a : p);
            hash.GetHashAndReset(a);
        }

        return a;
    }

    private static byte[] Repeat(byte[] digest, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i += digest.Length)
        {
            digest.AsSpan(0, Math.Min(digest.Length, length - i)).CopyTo(bytes.AsSpan(i));
        }

        return bytes;
    }

    private static (int Rounds, bool Written, string Salt)? Parse(string hash)
    {
        var parts = hash.Split('$');
        var (rounds, at) = (DefaultRounds, 2);
        var written = parts.Length == 5 && parts[2].StartsWith("rounds=", StringComparison.Ordinal);
        if (written)
        {
            if (!int.TryParse(parts[2].AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out rounds) || rounds < 1000)
            {
                return null;
            }

            at = 3;
        }

        return parts.Length == at + 2 && parts[at].Length <= 16 && parts[at + 1].Length == (parts[1] == "6" ? 86 : 43) ? (rounds, written, parts[at]) : null;
    }
}
