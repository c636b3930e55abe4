using System.Globalization;
using System.Text;

namespace SaaS.Domain.Messages.Search;

/// <summary>A word of a text: where it stands, and the form in which it is compared.</summary>
public readonly record struct SearchWord(int Start, int Length, string Term);

/// <summary>
/// Cuts text into words and folds them: lower case, no accents, compatibility forms resolved. Scripts without spaces (Han, kana, Hangul)
/// become overlapping pairs. The same for index, query and highlighting, so that the three always agree.
/// </summary>
public static class SearchWords
{
    /// <summary>Characters of a word that count.</summary>
    public const int MaxLength = 64;

    public static IEnumerable<SearchWord> Of(string text)
    {
        var i = 0;
        while (i < text.Length)
        {
            var length = RuneAt(text, i, out var rune);
            if (IsCjk(rune))
            {
                var next = i + length;
                var pair = next < text.Length ? RuneAt(text, next, out var second) : 0;
                var both = pair > 0 && IsCjk(RuneOf(text, next)) ? length + pair : length;
                yield return new SearchWord(i, both, Fold(text.AsSpan(i, both)));
                i = next;
                continue;
            }

            if (!IsWord(rune))
            {
                i += length;
                continue;
            }

            var start = i;
            while (i < text.Length)
            {
                length = RuneAt(text, i, out rune);
                if (!IsWord(rune) || IsCjk(rune))
                {
                    break;
                }

                i += length;
            }

            var term = Fold(text.AsSpan(start, i - start));
            term = term.AsSpan().IndexOfAny('\'', '\\') < 0 ? term : term.Replace("'", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
            if (term.Length > 0)
            {
                yield return new SearchWord(start, i - start, term.Length > MaxLength ? term[..MaxLength] : term);
            }
        }
    }

    /// <summary>The comparable form of a text, punctuation kept; no NUL.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        if (System.Text.Ascii.IsValid(text) && !text.Contains('\0'))
        {
            return string.Create(text.Length, text, static (to, from) => from.ToLowerInvariant(to));
        }

        string decomposed;
        try
        {
            decomposed = text.ToString().Normalize(NormalizationForm.FormKD);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair.
            decomposed = new string(text.ToString().Where(c => !char.IsSurrogate(c)).ToArray());
        }

        var folded = new StringBuilder(decomposed.Length);
        foreach (var c in decomposed)
        {
            if (c != '\0' && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                folded.Append(char.ToLowerInvariant(c));
            }
        }

        return folded.ToString();
    }

    private static int RuneAt(string text, int index, out Rune rune)
    {
        if (Rune.TryGetRuneAt(text, index, out rune))
        {
            return rune.Utf16SequenceLength;
        }

        rune = Rune.ReplacementChar;
        return 1;
    }

    private static Rune RuneOf(string text, int index)
    {
        RuneAt(text, index, out var rune);
        return rune;
    }

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || (rune.Value > 0x7f && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark);

    /// <summary>Scripts that are written without spaces.</summary>
    internal static bool IsCjk(Rune rune) =>
        rune.Value is (>= 0x3040 and <= 0x30ff) or (>= 0x3400 and <= 0x4dbf) or (>= 0x4e00 and <= 0x9fff) or (>= 0xac00 and <= 0xd7af)
            or (>= 0x20000 and <= 0x3ffff);
}
