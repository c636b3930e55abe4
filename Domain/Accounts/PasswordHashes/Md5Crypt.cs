using System.Security.Cryptography;
using System.Text;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>crypt(3) with MD5 ($1$), as FreeBSD made it. Only where a setting accepts it.</summary>
internal static class Md5Crypt
{
    private static readonly int[][] Order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];

    public static bool IsForm(string hash) => hash.Split('$') is ["", "1", { Length: <= 8 }, { Length: 22 }];

#pragma warning disable CA5351 // Only to recognise what others made; the hash is replaced at once.
    public static string Hash(string password, string hash)
    {
        var saltText = hash.Split('$')[2];
        var (key, salt) = (Encoding.UTF8.GetBytes(password), Encoding.ASCII.GetBytes(saltText));
        var b = MD5.HashData([.. key, .. salt, .. key]);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(key);
        md5.AppendData("$1$"u8);
        md5.AppendData(salt);
        for (var left = key.Length; left > 0; left -= 16)
        {
            md5.AppendData(b.AsSpan(0, Math.Min(16, left)));
        }

        for (var bits = key.Length; bits > 0; bits >>= 1)
        {
            md5.AppendData((bits & 1) != 0 ? "\0"u8 : key.AsSpan(0, 1));
        }

        var a = md5.GetHashAndReset();
        for (var round = 0; round < 1000; round++)
        {
            md5.AppendData((round & 1) != 0 ? key : a);
            if (round % 3 != 0)
            {
                md5.AppendData(salt);
            }

            if (round % 7 != 0)
            {
                md5.AppendData(key);
            }

            md5.AppendData((round & 1) != 0 ? a : key);
            md5.GetHashAndReset(a);
        }

        var text = new StringBuilder("$1$").Append(saltText).Append('$');
        foreach (var three in Order)
        {
            CryptBase64.Append(text, (a[three[0]] << 16) | (a[three[1]] << 8) | a[three[2]], 4);
        }

        CryptBase64.Append(text, a[11], 2);
        return text.ToString();
    }
#pragma warning restore CA5351
}
