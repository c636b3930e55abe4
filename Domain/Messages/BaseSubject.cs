namespace SaaS.Domain.Messages;

/// <summary>The subject that a conversation shares: without reply and forward marks and list tags (RFC 5256 §2.1).</summary>
public static class BaseSubject
{
    private static readonly string[] Standard = ["re", "fwd", "fw"];
    private static readonly string[] All = [.. Standard, "aw", "wg", "sv", "vs", "antw"];

    /// <param name="subject">As decoded.</param>
    /// <param name="foreignMarks">Also the marks that clients of other languages write, which RFC 5256 does not know.</param>
    public static string Of(string subject, bool foreignMarks = true)
    {
        var s = string.Join(' ', subject.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        while (true)
        {
            var before = s;
            while (s.EndsWith("(fwd)", StringComparison.OrdinalIgnoreCase))
            {
                s = s[..^5].TrimEnd();
            }

            s = WithoutLeader(s, foreignMarks);
            if (s.StartsWith("[fwd:", StringComparison.OrdinalIgnoreCase) && s.EndsWith(']'))
            {
                s = s[5..^1].Trim();
            }

            if (s == before)
            {
                return s;
            }
        }
    }

    private static string WithoutLeader(string s, bool foreignMarks)
    {
        while (true)
        {
            var rest = s.AsSpan().TrimStart();

            // subj-leader = (*subj-blob subj-refwd) / WSP
            var scan = rest;
            while (Blob(scan) is > 0 and var n)
            {
                scan = scan[n..].TrimStart();
            }

            if (Mark(scan, foreignMarks ? All : Standard) is > 0 and var mark)
            {
                s = scan[mark..].TrimStart().ToString();
                continue;
            }

            // A blob alone goes as long as something is left behind it.
            if (Blob(rest) is > 0 and var blob && rest[blob..].TrimStart().Length > 0)
            {
                s = rest[blob..].TrimStart().ToString();
                continue;
            }

            return rest.ToString();
        }
    }

    // subj-blob = "[" *BLOBCHAR "]" *WSP
    private static int Blob(ReadOnlySpan<char> s)
    {
        if (s.Length == 0 || s[0] != '[')
        {
            return 0;
        }

        var end = s[1..].IndexOfAny('[', ']');
        return end >= 0 && s[end + 1] == ']' ? end + 2 : 0;
    }

    // subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" — with the marks that clients of other languages write.
    private static int Mark(ReadOnlySpan<char> s, string[] marks)
    {
        foreach (var mark in marks)
        {
            if (!s.StartsWith(mark, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var rest = s[mark.Length..].TrimStart();
            var blob = Blob(rest);
            rest = rest[blob..].TrimStart();
            if (rest.Length > 0 && rest[0] == ':')
            {
                return s.Length - rest.Length + 1;
            }
        }

        return 0;
    }
}
