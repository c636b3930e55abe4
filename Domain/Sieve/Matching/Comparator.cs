namespace SaaS.Domain.Sieve.Matching;

/// <summary>How two strings are compared (RFC 4790).</summary>
internal enum Comparator
{
    /// <summary>i;ascii-casemap, the default.</summary>
    AsciiCasemap,
    Octet,
    /// <summary>i;ascii-numeric: digits at the start; what has none is larger than any number.</summary>
    AsciiNumeric,
    /// <summary>i;unicode-casemap (RFC 5051).</summary>
    UnicodeCasemap,
}

internal static class Comparators
{
    public static Comparator? Find(string name) => name switch
    {
        "i;ascii-casemap" => Comparator.AsciiCasemap,
        "i;octet" => Comparator.Octet,
        "i;ascii-numeric" => Comparator.AsciiNumeric,
        "i;unicode-casemap" => Comparator.UnicodeCasemap,
        _ => null,
    };

    /// <summary>The form in which equal strings are the same.</summary>
    public static string Fold(this Comparator comparator, string text)
    {
        switch (comparator)
        {
            case Comparator.AsciiCasemap:
                return string.Create(text.Length, text, static (span, t) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = t[i] is >= 'a' and <= 'z' ? (char)(t[i] - 32) : t[i];
                    }
                });
            case Comparator.UnicodeCasemap:
                try
                {
                    return text.ToUpperInvariant().Normalize(System.Text.NormalizationForm.FormKD);
                }
                catch (ArgumentException)
                {
                    return text.ToUpperInvariant();
                }

            default:
                return text;
        }
    }

    public static int Compare(this Comparator comparator, string a, string b)
    {
        if (comparator != Comparator.AsciiNumeric)
        {
            return string.CompareOrdinal(comparator.Fold(a), comparator.Fold(b));
        }

        var (x, y) = (Digits(a), Digits(b));
        return (x, y) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            _ => x.Length != y.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y),
        };
    }

    private static string? Digits(string text)
    {
        var n = 0;
        while (n < text.Length && char.IsAsciiDigit(text[n]))
        {
            n++;
        }

        return n == 0 ? null : text[..n].TrimStart('0');
    }
}
