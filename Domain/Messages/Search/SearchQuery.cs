using System.Text;

namespace SaaS.Domain.Messages.Search;

/// <summary>
/// What a person types: words that must all be there, "phrases in quotes", and the last word as far as it is typed.
/// </summary>
public sealed record SearchQuery
{
    private SearchQuery(IReadOnlyList<IReadOnlyList<string>> phrases, bool lastIsPrefix) => (Phrases, LastIsPrefix) = (phrases, lastIsPrefix);

    /// <summary>Each a run of words that stand side by side.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Phrases { get; }

    /// <summary>True where the last word may be the beginning of one.</summary>
    public bool LastIsPrefix { get; }

    public bool IsEmpty => Phrases.Count == 0;

    public static SearchQuery Parse(string text)
    {
        const int MaxWords = 50;
        var phrases = new List<IReadOnlyList<string>>();
        var words = 0;
        var quoted = false;
        foreach (var (piece, inQuotes) in Split(text.Length > 1000 ? text[..1000] : text))
        {
            var terms = SearchWords.Of(piece).Select(w => w.Term).Take(MaxWords - words).ToList();
            if (terms.Count > 1 && Rune.TryGetRuneAt(terms[^1], 0, out var last) && last.Utf16SequenceLength == terms[^1].Length
                && SearchWords.IsCjk(last))
            {
                // The pair before it holds it already.
                terms.RemoveAt(terms.Count - 1);
            }

            words += terms.Count;
            if (terms.Count > 0)
            {
                phrases.Add(terms);
                quoted = inQuotes;
            }
        }

        return new SearchQuery(phrases, !quoted);
    }

    /// <summary>As the text of a tsquery. <paramref name="weights"/>: "", or of A to D. <paramref name="allPrefixes"/>: every word may be a beginning.</summary>
    public string ToTsQuery(string weights, bool allPrefixes = false)
    {
        var query = new StringBuilder();
        for (var i = 0; i < Phrases.Count; i++)
        {
            var phrase = Phrases[i];
            query.Append(i > 0 ? " & (" : "(");
            for (var j = 0; j < phrase.Count; j++)
            {
                var prefix = allPrefixes || (LastIsPrefix && i == Phrases.Count - 1 && j == phrase.Count - 1);
                query.Append(j > 0 ? " <-> '" : "'").Append(phrase[j]).Append('\'');
                if (prefix || weights.Length > 0)
                {
                    query.Append(':').Append(prefix ? "*" : "").Append(weights);
                }
            }

            query.Append(')');
        }

        return query.ToString();
    }

    /// <summary>True where the word is one that was looked for.</summary>
    public bool Matches(string term)
    {
        for (var i = 0; i < Phrases.Count; i++)
        {
            for (var j = 0; j < Phrases[i].Count; j++)
            {
                var wanted = Phrases[i][j];
                var prefix = LastIsPrefix && i == Phrases.Count - 1 && j == Phrases[i].Count - 1;
                if (prefix ? term.StartsWith(wanted, StringComparison.Ordinal) : term == wanted)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static IEnumerable<(string Piece, bool Quoted)> Split(string text)
    {
        var start = 0;
        var quote = '\0';
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\0';
            if (quote != '\0' ? c == quote || i == text.Length : char.IsWhiteSpace(c) || c is '"' || i == text.Length)
            {
                if (i > start)
                {
                    yield return (text[start..i], quote != '\0');
                }

                quote = quote == '\0' && c == '"' ? c : '\0';
                start = i + 1;
            }
        }
    }
}
