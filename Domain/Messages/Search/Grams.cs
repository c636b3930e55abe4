using System.Globalization;

namespace SaaS.Domain.Messages.Search;

/// <summary>
/// Which runs of three characters a text has, as bits of a small set: a text that has a needle has all of the needle's bits. Of scripts
/// that say more in a character (Han, kana, Hangul, symbols beyond the first plane) runs of one and two count as well.
/// </summary>
internal static class Grams
{
    /// <summary>Bits of the set. A text of 4 KB sets about a sixth of them.</summary>
    public const int Buckets = 4096;

    /// <summary>Bits of a needle that are looked at; more would rule out next to nothing.</summary>
    public const int MaxOfNeedle = 12;

    /// <summary>Sets the bits of the text.</summary>
    public static void Add(ReadOnlySpan<char> text, Span<ulong> bits)
    {
        var folded = Fold(text).AsSpan();
        for (var i = 0; i < folded.Length; i++)
        {
            var (a, b) = (folded[i], i + 1 < folded.Length ? folded[i + 1] : '\0');
            if (i + 2 < folded.Length)
            {
                Set(bits, Bucket(a, b, folded[i + 2]));
            }

            if (a < FirstDense && b < FirstDense)
            {
                continue;
            }

            if (IsDense(a))
            {
                Set(bits, Bucket(a, '\0', '\0'));
            }

            if (b != '\0' && (IsDense(a) || IsDense(b)))
            {
                Set(bits, Bucket(a, b, '\0'));
            }
        }
    }

    /// <summary>Bits that a text with this needle has; none where the needle is too short to say.</summary>
    public static IReadOnlyList<int> Of(string needle)
    {
        var folded = Fold(needle);
        if (folded.Length < 3)
        {
            return folded switch
            {
                [var one] when IsDense(one) => [Bucket(one, '\0', '\0')],
                [var one, var two] when IsDense(one) || IsDense(two) => [Bucket(one, two, '\0')],
                _ => [],
            };
        }

        var all = new List<int>();
        for (var i = 0; i + 2 < folded.Length; i++)
        {
            var bucket = Bucket(folded[i], folded[i + 1], folded[i + 2]);
            if (!all.Contains(bucket))
            {
                all.Add(bucket);
            }
        }

        // Evenly over the needle's length.
        return all.Count <= MaxOfNeedle ? all : [.. Enumerable.Range(0, MaxOfNeedle).Select(i => all[i * all.Count / MaxOfNeedle])];
    }

    private const char FirstDense = '\u1100';

    private static bool IsDense(char c) => c is >= '\u1100' and <= '\u11ff' or >= '\u2e80';

    // Marks are left out: their order may differ between a text and a part of it. Who looks closer (CaseMap) sees them.
    private static string Fold(ReadOnlySpan<char> text)
    {
        var folded = CaseMap.Fold(text);
        return System.Text.Ascii.IsValid(folded) || !folded.Any(IsMark) ? folded : string.Concat(folded.Where(c => !IsMark(c)));
    }

    private static bool IsMark(char c) => c > '\u02ff' && CharUnicodeInfo.GetUnicodeCategory(c)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark;

    private static int Bucket(char a, char b, char c) =>
        (int)(((a * 0x9E3779B1u) ^ (b * 0x85EBCA77u) ^ (c * 0xC2B2AE3Du)) * 0x27D4EB2Fu >> (32 - 12));

    private static void Set(Span<ulong> bits, int bucket) => bits[bucket >> 6] |= 1UL << (bucket & 63);
}
