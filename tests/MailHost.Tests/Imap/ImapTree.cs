using System.Globalization;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>A response as lists and strings.</summary>
internal static class ImapTree
{
    /// <summary>Atoms and strings as strings (quoted ones with a quote in front), lists as lists.</summary>
    public static List<object> Parse(string text)
    {
        var at = 0;
        return List(text, ref at);
    }

    private static List<object> List(string text, ref int at)
    {
        var list = new List<object>();
        while (at < text.Length)
        {
            switch (text[at])
            {
                case '(':
                    at++;
                    list.Add(List(text, ref at));
                    break;
                case ')':
                    at++;
                    return list;
                case ' ':
                    at++;
                    break;
                case '"':
                    list.Add(Quoted(text, ref at));
                    break;
                case '{' or '~' when Literal(text, ref at) is { } literal:
                    list.Add(literal);
                    break;
                default:
                    list.Add(Atom(text, ref at));
                    break;
            }
        }

        return list;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new System.Text.StringBuilder("\"");
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            at += text[at] == '\\' ? 1 : 0;
            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    private static string? Literal(string text, ref int at)
    {
        var open = text[at] == '~' ? at + 1 : at;
        var close = text.IndexOf("}\r\n", open, StringComparison.Ordinal);
        if (close < 0 || text[open] != '{' || !int.TryParse(text.AsSpan(open + 1, close - open - 1), NumberStyles.None, null, out var size))
        {
            return null;
        }

        at = close + 3 + size;
        return string.Concat("\"", text.AsSpan(close + 3, size));
    }

    /// <summary>An atom, what stands in its brackets included: BODY[HEADER.FIELDS (SUBJECT)].</summary>
    private static string Atom(string text, ref int at)
    {
        var start = at;
        var brackets = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (brackets <= 0 && c is ' ' or '(' or ')' && brackets <= 0)
            {
                break;
            }
        }

        at += at == start ? 1 : 0;
        return text[start..at];
    }

    public static string Show(object node) => node switch
    {
        List<object> list => "(" + string.Join(' ', list.Select(Show)) + ")",
        string s => s.Replace("\r\n", "\\r\\n", StringComparison.Ordinal),
        _ => "?",
    };
}
