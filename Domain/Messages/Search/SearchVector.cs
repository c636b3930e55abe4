using System.Globalization;
using System.Text;

namespace SaaS.Domain.Messages.Search;

/// <summary>Builds the text form of a tsvector with our own words in it; bounded, because one may not pass 1 MB.</summary>
internal sealed class SearchVector
{
    private const int MaxTermBytes = 400_000;
    private const int MaxPositions = 100;
    private const int LastPosition = 16_383;

    private readonly Dictionary<string, List<(int Position, char Weight)>> _terms = new(StringComparer.Ordinal);
    private int _bytes;
    private int _position;

    /// <summary>Adds a text's words. A gap is left behind it, so that no phrase reaches over its end.</summary>
    public void Add(string? text, char weight)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        foreach (var word in SearchWords.Of(text))
        {
            _position = Math.Min(_position + 1, LastPosition);
            if (!_terms.TryGetValue(word.Term, out var positions))
            {
                _bytes += Encoding.UTF8.GetByteCount(word.Term) + 8;
                if (_bytes > MaxTermBytes)
                {
                    return;
                }

                _terms[word.Term] = positions = [];
            }

            if (positions.Count < MaxPositions)
            {
                _bytes += 2;
                positions.Add((_position, weight));
            }
        }

        _position = Math.Min(_position + 10, LastPosition);
    }

    public override string ToString()
    {
        // Terms are letters and digits only: nothing to escape.
        var literal = new StringBuilder(_bytes * 2);
        foreach (var (term, positions) in _terms)
        {
            literal.Append('\'').Append(term).Append('\'');
            var separator = ':';
            foreach (var (position, weight) in positions)
            {
                literal.Append(separator).Append(CultureInfo.InvariantCulture, $"{position}");
                if (weight != 'D')
                {
                    literal.Append(weight);
                }

                separator = ',';
            }

            literal.Append(' ');
        }

        return literal.ToString();
    }
}
