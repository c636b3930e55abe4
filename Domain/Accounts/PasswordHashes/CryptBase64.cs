using System.Text;

namespace SaaS.Domain.Accounts.PasswordHashes;

/// <summary>The two base64 of password hashes: the usual alphabet without padding, and that of crypt(3), which begins with the low bits.</summary>
internal static class CryptBase64
{
    public const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="text">Without padding.</param>
    /// <param name="plus">What stands for "+".</param>
    public static byte[]? FromPlain(string text, char plus = '+')
    {
        var padded = (plus == '+' ? text : text.Replace(plus, '+')).PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var written) ? bytes[..written] : null;
    }

    /// <summary>The lowest <paramref name="characters"/> times six bits of a value.</summary>
    public static void Append(StringBuilder to, int value, int characters)
    {
        for (var i = 0; i < characters; i++)
        {
            to.Append(Alphabet[value & 63]);
            value >>= 6;
        }
    }
}
