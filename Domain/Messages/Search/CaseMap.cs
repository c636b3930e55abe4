using System.Buffers;
using System.Text;

namespace SaaS.Domain.Messages.Search;

/// <summary>
/// A text to look for, compared as <c>i;unicode-casemap</c> (RFC 5051) compares: without case, compatibility forms resolved; accents count.
/// What RFC 5255 I18NLEVEL=1 wants of SEARCH.
/// </summary>
/// <param name="needle">What to look for; "" is in every text.</param>
public sealed class CaseMap(string needle)
{
    private readonly string _folded = Fold(needle);

    public string Needle { get; } = needle;

    /// <summary>Whether it stands in the text, which is UTF-8.</summary>
    public bool IsIn(ReadOnlySpan<byte> utf8)
    {
        var chars = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            return IsIn(chars.AsSpan(0, Encoding.UTF8.GetChars(utf8, chars)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    /// <inheritdoc cref="IsIn(ReadOnlySpan{byte})"/>
    public bool IsIn(ReadOnlySpan<char> text) =>
        // What is equal without case is equal here too; only other letters can be equal in more ways.
        text.Contains(Needle, StringComparison.OrdinalIgnoreCase)
        || (!Ascii.IsValid(text) && Fold(text).Contains(_folded, StringComparison.Ordinal));

    /// <summary>The form in which two texts are equal where the comparator says so.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text))
        {
            return string.Create(text.Length, text, static (to, from) => from.ToUpperInvariant(to));
        }

        var whole = text.ToString();
        try
        {
            return whole.Normalize(NormalizationForm.FormKD).ToUpperInvariant();
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair.
            return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(whole)).Normalize(NormalizationForm.FormKD).ToUpperInvariant();
        }
    }
}
