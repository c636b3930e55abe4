namespace SaaS.Domain.Sieve.Matching;

/// <summary>:matches (RFC 5228 §2.7.1): * any text, ? one character, \ takes the next as it is. Never exponential, however many * there are.</summary>
internal static class Wildcards
{
    /// <summary>Null: no match; else what each wildcard stood for, as the value has it, each as short as can be (RFC 5229 §3.2).</summary>
    public static List<string>? Match(string value, string pattern, Comparator comparator)
    {
        var tokens = Tokens(pattern, comparator);
        var marks = new (int Start, int End)[tokens.Count];
        int at = 0, token = 0, star = -1, starAt = 0;
        while (at < value.Length || token < tokens.Count)
        {
            if (token < tokens.Count)
            {
                var t = tokens[token];
                if (t.Kind == '*')
                {
                    star = token;
                    starAt = at;
                    marks[token++] = (at, at);
                    continue;
                }

                if (at < value.Length)
                {
                    var length = char.IsHighSurrogate(value[at]) && at + 1 < value.Length ? 2 : 1;
                    if (t.Kind == '?')
                    {
                        marks[token++] = (at, at + length);
                        at += length;
                        continue;
                    }

                    if (Fold(value[at], comparator) == t.Character)
                    {
                        token++;
                        at++;
                        continue;
                    }
                }
            }

            // The last * takes one more; what stood before it stays as it was found.
            if (star < 0 || starAt >= value.Length)
            {
                return null;
            }

            starAt++;
            marks[star].End = starAt;
            at = starAt;
            token = star + 1;
        }

        var found = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != '\0')
            {
                found.Add(value[marks[i].Start..marks[i].End]);
            }
        }

        return found;
    }

    private static List<(char Kind, char Character)> Tokens(string pattern, Comparator comparator)
    {
        var tokens = new List<(char, char)>(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c is '*' or '?')
            {
                tokens.Add((c, c));
                continue;
            }

            if (c == '\\' && i + 1 < pattern.Length)
            {
                c = pattern[++i];
            }

            tokens.Add(('\0', Fold(c, comparator)));
        }

        return tokens;
    }

    private static char Fold(char c, Comparator comparator) => comparator switch
    {
        Comparator.AsciiCasemap => c is >= 'a' and <= 'z' ? (char)(c - 32) : c,
        Comparator.UnicodeCasemap => char.ToUpperInvariant(c),
        _ => c,
    };
}
