using System.Text.RegularExpressions;

namespace SaaS.Web.Webmail.Reading;

/// <summary>A piece of a plain-text body: text, or text that leads somewhere.</summary>
public sealed record TextPiece(string Text, string? Href = null);

/// <summary>A run of lines of one quoting depth.</summary>
public sealed record TextBlock(int Depth, bool Signature, IReadOnlyList<TextPiece> Pieces)
{
    /// <summary>Says whose words follow.</summary>
    public bool Attribution { get; init; }
}

/// <summary>
/// Plain-text bodies as pieces for the renderer, which encodes every one: nothing here is ever HTML.
/// Links are found by a linear-time expression; only http, https and mailto become links.
/// </summary>
public static partial class PlainText
{
    private const int Longest = 512 * 1024;

    public static IReadOnlyList<TextBlock> Blocks(string text)
    {
        var body = text.Length > Longest ? text[..Longest] : text;
        var blocks = new List<TextBlock>();
        var lines = new List<string>();
        var depth = -1;
        var signature = false;
        foreach (var raw in body.ReplaceLineEndings("\n").Split('\n'))
        {
            var (level, line) = Unquote(raw);
            var starts = level == 0 && (line is "-- " or "--");
            if ((level != depth || starts) && lines.Count > 0)
            {
                // "Bob wrote:" goes with the quote that it stands above.
                var said = depth <= 0 && level > 0 ? Attribution(lines) : lines.Count;
                if (said > 0)
                {
                    blocks.Add(new TextBlock(Math.Max(depth, 0), signature, Link(string.Join('\n', lines.Take(said)))));
                }

                if (said < lines.Count)
                {
                    blocks.Add(new TextBlock(0, false, Link(string.Join('\n', lines.Skip(said)).TrimEnd('\n'))) { Attribution = true });
                }

                lines.Clear();
            }

            signature = starts || (signature && level == 0);
            depth = level;
            lines.Add(line);
        }

        if (lines.Count > 0)
        {
            blocks.Add(new TextBlock(Math.Max(depth, 0), signature, Link(string.Join('\n', lines).TrimEnd('\n'))));
        }

        return blocks;
    }

    /// <summary>The block from which on nothing but quotes follows, so that it can be folded; the number of blocks where there is nothing to fold.</summary>
    public static int QuoteStart(IReadOnlyList<TextBlock> blocks)
    {
        const int least = 240;
        var start = blocks.Count;
        while (start > 0 && (blocks[start - 1].Depth > 0 || blocks[start - 1].Attribution || blocks[start - 1].Pieces.All(p => string.IsNullOrWhiteSpace(p.Text))))
        {
            start--;
        }

        return start > 0 && blocks.Skip(start).Sum(b => b.Pieces.Sum(p => p.Text.Length)) >= least ? start : blocks.Count;
    }

    /// <summary>Where the line that names the quoted begins; the number of lines where there is none.</summary>
    private static int Attribution(List<string> lines)
    {
        var last = lines.FindLastIndex(l => l.Length > 0);
        if (last < 0 || lines[last].Length > 200 || !lines[last].TrimEnd().EndsWith(':'))
        {
            return lines.Count;
        }

        // It may be broken over two lines.
        return last > 0 && lines[last - 1].Length is > 0 and < 120 && (last == 1 || lines[last - 2].Length == 0) ? last - 1 : last;
    }

    public static IReadOnlyList<TextPiece> Link(string text)
    {
        var pieces = new List<TextPiece>();
        var at = 0;
        foreach (Match match in Links().Matches(text))
        {
            var found = Trim(match.Value);
            var href = Target(found);
            if (href is null)
            {
                continue;
            }

            if (match.Index > at)
            {
                pieces.Add(new TextPiece(text[at..match.Index]));
            }

            pieces.Add(new TextPiece(found, href));
            at = match.Index + found.Length;
        }

        if (at < text.Length)
        {
            pieces.Add(new TextPiece(text[at..]));
        }

        return pieces;
    }

    private static string? Target(string found)
    {
        if (found.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
        {
            found = "https://" + found;
        }
        else if (!found.Contains("://", StringComparison.Ordinal) && found.Contains('@', StringComparison.Ordinal))
        {
            var address = found.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? found[7..] : found;
            return "/mail?compose=" + Uri.EscapeDataString("mailto:" + address);
        }

        return Uri.TryCreate(found, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") ? uri.AbsoluteUri : null;
    }

    /// <summary>Punctuation that ends a sentence, and a bracket that was opened before the link, are not part of it.</summary>
    private static string Trim(string link)
    {
        while (link.Length > 0 && (".,;:!?'\"*_".Contains(link[^1], StringComparison.Ordinal)
            || (link[^1] == ')' && link.Count(c => c == '(') < link.Count(c => c == ')'))
            || (link[^1] == ']' && link.Count(c => c == '[') < link.Count(c => c == ']'))))
        {
            link = link[..^1];
        }

        return link;
    }

    private static (int Depth, string Line) Unquote(string line)
    {
        var depth = 0;
        var at = 0;
        while (at < line.Length && (line[at] == '>' || (line[at] == ' ' && at + 1 < line.Length && line[at + 1] == '>' && depth > 0)))
        {
            depth += line[at] == '>' ? 1 : 0;
            at++;
        }

        return depth == 0 ? (0, line) : (Math.Min(depth, 8), at < line.Length && line[at] == ' ' ? line[(at + 1)..] : line[at..]);
    }

    [GeneratedRegex(
        @"(?:https?://|www\.)[^\s<>""\u00A0]{2,2000}|(?:mailto:)?[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.){1,8}[A-Za-z]{2,24}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Links();
}
