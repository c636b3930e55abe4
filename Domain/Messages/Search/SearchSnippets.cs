using System.Text;

namespace SaaS.Domain.Messages.Search;

/// <summary>A piece of a text with the words found in it marked (RFC 8621 §5). The text is escaped: the marks are the only HTML.</summary>
public static class SearchSnippets
{
    /// <summary>The whole text, marked; null where no word is found in it.</summary>
    public static string? Mark(string? text, IReadOnlyList<SearchQuery> queries) => Mark(text, queries, int.MaxValue);

    /// <summary>About <paramref name="maxChars"/> characters around the first word found.</summary>
    public static string? Mark(string? text, IReadOnlyList<SearchQuery> queries, int maxChars)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var found = new List<SearchWord>();
        foreach (var word in SearchWords.Of(text))
        {
            if (found.Count > 0 && word.Start > found[0].Start + (long)maxChars)
            {
                break;
            }

            if (queries.Any(q => q.Matches(word.Term)))
            {
                found.Add(word);
            }
        }

        if (found.Count == 0)
        {
            return null;
        }

        var start = text.Length <= maxChars ? 0 : Math.Max(0, found[0].Start - Math.Min(60, maxChars / 4));
        while (start > 0 && start < found[0].Start && !char.IsWhiteSpace(text[start - 1]))
        {
            start++;
        }

        var end = (int)Math.Min(text.Length, (long)start + maxChars);
        if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
        {
            end--;
        }

        var marked = new StringBuilder(start > 0 ? "…" : "");
        var at = start;
        foreach (var word in found)
        {
            // Pairs of a script without spaces overlap.
            var from = Math.Max(at, word.Start);
            var to = word.Start + word.Length;
            if (to > end)
            {
                break;
            }

            if (to <= from)
            {
                continue;
            }

            marked.Append(Escape(text.AsSpan(at, from - at))).Append("<mark>").Append(Escape(text.AsSpan(from, to - from))).Append("</mark>");
            at = to;
        }

        return marked.Append(Escape(text.AsSpan(at, Math.Max(0, end - at)))).Append(end < text.Length ? "…" : "").ToString();
    }

    private static string Escape(ReadOnlySpan<char> text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var space = char.IsWhiteSpace(c) || char.IsControl(c);
            if (!space || folded.Length == 0 || folded[^1] != ' ')
            {
                folded.Append(space ? ' ' : c);
            }
        }

        return folded.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;").Replace("'", "&#39;").ToString();
    }
}
