using System.Net;

namespace SaaS.Web.Webmail.Search;

/// <summary>A search snippet as plain pieces: the server marks hits with &lt;mark&gt; in escaped text (RFC 8621 §5).</summary>
public static class Snippet
{
    public static IEnumerable<(string Text, bool Hit)> Pieces(string? snippet)
    {
        var rest = snippet ?? "";
        while (rest.Length > 0)
        {
            var open = rest.IndexOf("<mark>", StringComparison.OrdinalIgnoreCase);
            var close = open < 0 ? -1 : rest.IndexOf("</mark>", open, StringComparison.OrdinalIgnoreCase);
            if (close < 0)
            {
                yield return (WebUtility.HtmlDecode(rest), false);
                yield break;
            }

            if (open > 0)
            {
                yield return (WebUtility.HtmlDecode(rest[..open]), false);
            }

            yield return (WebUtility.HtmlDecode(rest[(open + 6)..close]), true);
            rest = rest[(close + 7)..];
        }
    }
}
