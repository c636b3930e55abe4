using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Common;

namespace SaaS.MailHost.MailAuth.Srs;

/// <summary>
/// Reverse-paths of forwarded mail, in our domain and still leading back: SRS0=hash=day=domain=local, and SRS1=hash=host==rest where the message was
/// forwarded to us in this form already.
/// </summary>
/// <remarks>The Sender Rewriting Scheme of Meng Weng Wong and Shevek; the hash is HMAC-SHA-256 cut to 50 bits, in an alphabet that survives a change of
/// case.</remarks>
internal static class SrsAddress
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int HashLength = 10;
    private const int Days = 1024;

    /// <summary>A bounce comes within the days that a queue tries, and some more.</summary>
    public const int ValidDays = 21;

    public static bool IsSrs(string localPart) =>
        localPart.Length > 5 && localPart.StartsWith("SRS", StringComparison.OrdinalIgnoreCase) && localPart[3] is '0' or '1' && localPart[4] is '=' or '+' or '-';

    /// <summary>Null where the whole would be too long for an address.</summary>
    public static MailAddress? Forward(MailAddress sender, string domain, byte[] key, DateTimeOffset now)
    {
        var local = sender.LocalPart;
        string rewritten;
        if (IsSrs(local) && local[3] == '0')
        {
            var rest = $"{sender.Domain}={local[4..]}";
            rewritten = $"SRS1={Hash(key, rest)}={rest}";
        }
        else if (IsSrs(local) && local[3] == '1' && local.IndexOf('=', 5) is > 0 and var first)
        {
            // The first forwarder stays the one to go back to.
            rewritten = $"SRS1={Hash(key, local[(first + 1)..])}={local[(first + 1)..]}";
        }
        else
        {
            var rest = $"{Day(now)}={sender.Domain}={local}";
            rewritten = $"SRS0={Hash(key, rest)}={rest}";
        }

        return MailAddress.TryCreate(rewritten, domain, out var address) ? address : null;
    }

    /// <summary>The address that a bounce goes back to; null where it is not ours, was changed or is too old.</summary>
    public static MailAddress? Reverse(string localPart, IReadOnlyList<byte[]> keys, DateTimeOffset now)
    {
        if (!IsSrs(localPart) || localPart.IndexOf('=', 5) is not (> 0 and var first))
        {
            return null;
        }

        var (hash, rest) = (localPart[5..first], localPart[(first + 1)..]);
        if (!keys.Any(k => Same(Hash(k, rest), hash)))
        {
            return null;
        }

        MailAddress? address;
        if (localPart[3] == '1')
        {
            return rest.IndexOf('=', StringComparison.Ordinal) is > 0 and var cut
                && MailAddress.TryCreate($"SRS0{rest[(cut + 1)..]}", rest[..cut], out address) ? address : null;
        }

        return rest.Split('=', 3) is [var day, var domain, var local] && IsRecent(day, now) && MailAddress.TryCreate(local, domain, out address) ? address : null;
    }

    // Whatever happens to the case of a local-part on its way.
    private static string Hash(byte[] key, string text)
    {
        var mac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToLowerInvariant()));
        return string.Create(HashLength, mac, (span, m) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[m[i] & 31];
            }
        });
    }

    private static bool Same(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b.ToLowerInvariant()));

    private static string Day(DateTimeOffset now)
    {
        var day = (int)(now.ToUnixTimeSeconds() / 86_400 % Days);
        return $"{Alphabet[day >> 5]}{Alphabet[day & 31]}";
    }

    private static bool IsRecent(string day, DateTimeOffset now)
    {
        var made = day.Length == 2 ? (Alphabet.IndexOf(char.ToLowerInvariant(day[0]), StringComparison.Ordinal) << 5)
            | Alphabet.IndexOf(char.ToLowerInvariant(day[1]), StringComparison.Ordinal) : -1;
        var today = (int)(now.ToUnixTimeSeconds() / 86_400 % Days);
        return made >= 0 && (today - made + Days) % Days <= ValidDays;
    }
}
