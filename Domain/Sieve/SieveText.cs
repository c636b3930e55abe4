using System.Text;

namespace SaaS.Domain.Sieve;

/// <summary>A string of a script: constant, or with variables that are filled in when it is used (RFC 5229 §3).</summary>
internal sealed class SieveText
{
    private readonly string _constant;
    private readonly object[]? _parts;

    private SieveText(string constant, object[]? parts, int line) => (_constant, _parts, Line) = (constant, parts, line);

    public int Line { get; }

    /// <summary>Null where it holds variables.</summary>
    public string? Constant => _parts is null ? _constant : null;

    public static SieveText Of(string constant, int line = 0) => new(constant, null, line);

    /// <param name="expand">The script requires "variables".</param>
    public static SieveText Parse(string text, bool expand, int line)
    {
        if (!expand || !text.Contains("${", StringComparison.Ordinal))
        {
            return Of(text, line);
        }

        var parts = new List<object>();
        var literal = 0;
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at, StringComparison.Ordinal))
        {
            var end = text.IndexOf('}', at);
            if (end < 0)
            {
                break;
            }

            if (Reference(text[(at + 2)..end]) is not { } reference)
            {
                // Not a variable: the text stands as it is (RFC 5229 §3).
                at += 2;
                continue;
            }

            if (at > literal)
            {
                parts.Add(text[literal..at]);
            }

            parts.Add(reference);
            at = literal = end + 1;
        }

        if (parts.Count == 0)
        {
            return Of(text, line);
        }

        if (literal < text.Length)
        {
            parts.Add(text[literal..]);
        }

        return new SieveText(text, [.. parts], line);
    }

    public string Get(SieveMachine machine)
    {
        if (_parts is null)
        {
            return _constant;
        }

        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part switch
            {
                string literal => literal,
                int match => machine.MatchValue(match),
                Name name => machine.Variable(name.Text),
                _ => "",
            });
            if (text.Length > machine.Limits.MaxScriptBytes)
            {
                throw new SieveRunException("a string grew too long");
            }
        }

        return text.ToString();
    }

    // variable-ref = "${" [namespace] variable-name "}"; a number names a match value
    private static object? Reference(string inside)
    {
        if (inside.Length is 0 or > 64)
        {
            return null;
        }

        if (inside.All(char.IsAsciiDigit))
        {
            return inside.TrimStart('0').Length <= 4 ? int.Parse(inside, System.Globalization.CultureInfo.InvariantCulture) : 10_000;
        }

        return IsVariableName(inside, allowNamespace: true) ? new Name(inside.ToLowerInvariant()) : null;
    }

    public static bool IsVariableName(string text, bool allowNamespace)
    {
        foreach (var part in allowNamespace ? text.Split('.') : [text])
        {
            if (part.Length is 0 or > 32 || char.IsAsciiDigit(part[0]) || !part.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Name(string Text);
}
