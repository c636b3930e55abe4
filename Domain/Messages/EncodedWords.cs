using System.Text;

namespace SaaS.Domain.Messages;

/// <summary>Header text as ASCII: "=?utf-8?B?…?=" words of at most 75 characters, each ending at a whole character (RFC 2047 §2, §5).</summary>
public static class EncodedWords
{
    // 75 - "=?utf-8?B??=" leaves 63 characters of base64.
    private const int MaxOctets = 45;

    public static string Encode(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : new string([.. text.Select(c => c < ' ' ? ' ' : c)]);
        }

        var words = new StringBuilder(text.Length * 3);
        var octets = new byte[MaxOctets];
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > MaxOctets)
            {
                Flush();
            }

            used += rune.EncodeToUtf8(octets.AsSpan(used));
        }

        Flush();
        return words.ToString();

        void Flush()
        {
            if (words.Length > 0)
            {
                words.Append(' ');
            }

            words.Append("=?utf-8?B?").Append(Convert.ToBase64String(octets, 0, used)).Append("?=");
            used = 0;
        }
    }

    /// <summary>Lone surrogates replaced.</summary>
    public static string Wellformed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
