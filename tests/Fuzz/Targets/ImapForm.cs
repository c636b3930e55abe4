namespace SaaS.Fuzz.Targets;

/// <summary>Reads what an IMAP server said as a client would: lines, literals within, quoted strings, and parentheses that match.</summary>
internal static class ImapForm
{
    public static void Check(string said)
    {
        for (var at = 0; at < said.Length;)
        {
            at = Response(said, at);
        }
    }

    private static int Response(string said, int start)
    {
        var end = said.IndexOf("\r\n", start, StringComparison.Ordinal);
        Promise.That(end >= 0, "the last line has no end");
        if (said[start] == '+')
        {
            Promise.That(said[start + 1] is ' ', "a continuation without its space");
            return end + 2;
        }

        var word = said.IndexOf(' ', start, end - start);
        Promise.That(word > start, $"no tag: {Show(said, start)}");
        var status = said.AsSpan(word + 1, end - word - 1);
        if (said[start] != '*' || status.StartsWith("OK ") || status.StartsWith("NO ") || status.StartsWith("BAD ") || status.StartsWith("BYE ") || status.StartsWith("PREAUTH "))
        {
            Promise.That(status.StartsWith("OK ") || status.StartsWith("NO ") || status.StartsWith("BAD ") || status.StartsWith("BYE "), $"no status: {Show(said, start)}");
            Promise.That(!status.StartsWith("NO [SERVERBUG]"), Show(said, start));
            Promise.That(status.IndexOfAnyExceptInRange(' ', '~') < 0, $"text is not printable: {Show(said, start)}");
            return end + 2;
        }

        return Data(said, start);
    }

    private static int Data(string said, int start)
    {
        var depth = 0;
        for (var i = start; i < said.Length; i++)
        {
            switch (said[i])
            {
                case '"':
                    for (i++; i < said.Length && said[i] != '"'; i++)
                    {
                        Promise.That(said[i] is not ('\r' or '\n' or '\0'), $"a line end in a quoted string: {Show(said, start)}");
                        i += said[i] == '\\' ? 1 : 0;
                    }

                    break;
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    Promise.That(depth >= 0, $"parentheses do not match: {Show(said, start)}");
                    break;
                case '{':
                    i = Literal(said, i);
                    break;
                case '\r':
                    Promise.That(i + 1 < said.Length && said[i + 1] == '\n', "a bare CR");
                    Promise.That(depth == 0, $"parentheses do not match: {Show(said, start)}");
                    return i + 2;
                case '\n':
                    throw new InvalidOperationException($"a bare LF: {Show(said, start)}");
            }
        }

        throw new InvalidOperationException($"a response has no end: {Show(said, start)}");
    }

    /// <summary>The last octet of the literal whose brace stands at <paramref name="i"/>; the brace itself where it is none.</summary>
    private static int Literal(string said, int i)
    {
        var close = said.IndexOf("}\r\n", i, StringComparison.Ordinal);
        if (close < 0 || close == i + 1 || !int.TryParse(said.AsSpan(i + 1, close - i - 1), System.Globalization.NumberStyles.None, null, out var size))
        {
            return i;
        }

        Promise.That(close + 3 + size <= said.Length, "a literal is cut");
        return close + 2 + size;
    }

    private static string Show(string said, int start) => said.AsSpan(start, Math.Min(300, said.Length - start)).ToString();
}
