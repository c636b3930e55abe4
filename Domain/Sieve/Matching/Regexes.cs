using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace SaaS.Domain.Sieve.Matching;

/// <summary>:regex (draft-ietf-sieve-regex): extended regular expressions, run by an automaton whose time is linear in the value.</summary>
internal static class Regexes
{
    private const int MaxPattern = 1024;
    private const int MaxKept = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly ConcurrentDictionary<(string, bool), Regex> Kept = new();

    /// <summary>Throws ArgumentException with a sentence on what is wrong.</summary>
    public static Regex Parse(string pattern, Comparator comparator)
    {
        var fold = comparator is Comparator.AsciiCasemap or Comparator.UnicodeCasemap;
        if (Kept.TryGetValue((pattern, fold), out var known))
        {
            return known;
        }

        if (pattern.Length > MaxPattern)
        {
            throw new ArgumentException($"a regular expression has at most {MaxPattern} characters");
        }

        CheckRepeats(pattern);
        try
        {
            var regex = new Regex(
                Translate(pattern),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (fold ? RegexOptions.IgnoreCase : RegexOptions.None),
                Patience);
            if (Kept.Count >= MaxKept)
            {
                Kept.Clear();
            }

            return Kept[(pattern, fold)] = regex;
        }
        catch (NotSupportedException)
        {
            throw new ArgumentException("the regular expression is too large, or uses back references or look-around, which are not known here");
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"the regular expression is wrong at character {e.Offset + 1}: {e.Error}", e);
        }
    }

    /// <summary>Null: no match; else the whole match and the groups.</summary>
    public static List<string>? Match(string value, Regex regex)
    {
        System.Text.RegularExpressions.Match match;
        try
        {
            match = regex.Match(value);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SieveRunException("a regular expression takes too long");
        }

        return match.Success ? [.. match.Groups.Cast<Group>().Select(g => g.Value)] : null;
    }

    // Repeats multiply the automaton's size: {1000}{1000} would take all memory before any limit is looked at.
    private static void CheckRepeats(string pattern)
    {
        var product = 1L;
        for (var at = pattern.IndexOf('{', StringComparison.Ordinal); at >= 0; at = pattern.IndexOf('{', at + 1))
        {
            var end = pattern.IndexOf('}', at);
            if (end < 0)
            {
                return;
            }

            var largest = pattern[(at + 1)..end].Split(',').Max(n => int.TryParse(n, System.Globalization.CultureInfo.InvariantCulture, out var v) ? v : 0);
            product *= Math.Max(1, largest);
            if (largest > 255 || product > 5000)
            {
                throw new ArgumentException("the regular expression repeats too often");
            }
        }
    }

    // POSIX writes classes as [[:alpha:]], and knows no escapes inside brackets.
    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length + 16);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                result.Append(pattern[i]).Append(pattern[++i]);
                continue;
            }

            if (pattern[i] != '[')
            {
                // $ is the end of the value, and not what stands before a last line feed.
                result.Append(pattern[i] == '$' ? "\\z" : pattern[i].ToString());
                continue;
            }

            i = Bracket(pattern, i, result);
        }

        return result.ToString();
    }

    private static int Bracket(string pattern, int i, StringBuilder result)
    {
        result.Append('[');
        i++;
        if (i < pattern.Length && pattern[i] == '^')
        {
            result.Append('^');
            i++;
        }

        for (var first = true; i < pattern.Length; i++, first = false)
        {
            var c = pattern[i];
            if (c == ']' && !first)
            {
                result.Append(']');
                return i;
            }

            if (c == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':' && pattern.IndexOf(":]", i, StringComparison.Ordinal) is > 0 and var end)
            {
                result.Append(pattern[(i + 2)..end] switch
                {
                    "alpha" => "a-zA-Z",
                    "digit" => "0-9",
                    "alnum" => "a-zA-Z0-9",
                    "upper" => "A-Z",
                    "lower" => "a-z",
                    "space" => " \\t\\r\\n\\v\\f",
                    "blank" => " \\t",
                    "punct" => "!-/:-@\\[-`{-~",
                    "xdigit" => "0-9a-fA-F",
                    "cntrl" => "\\x00-\\x1f\\x7f",
                    "print" => " -~",
                    "graph" => "!-~",
                    var other => throw new ArgumentException($"the regular expression names an unknown class [:{other}:]"),
                });
                i = end + 1;
                continue;
            }

            result.Append(c is '\\' or '[' or ']' ? $"\\{c}" : c.ToString());
        }

        throw new ArgumentException("the regular expression has a [ without ]");
    }
}
