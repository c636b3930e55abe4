using System.Net;
using System.Text;

namespace SaaS.Domain.Messages;

/// <summary>What a person would read of a message, as plain text: for the preview and for the search index.</summary>
internal static class TextExtractor
{
    private const int PreviewChars = 256;
    private const int PreviewBytes = 8 * 1024;

    public static string Preview(ReadOnlySpan<byte> raw, BodyPart root)
    {
        if (FirstText(root, html: false) is { } plain && Fold(Text(raw, plain, PreviewBytes), PreviewChars) is { Length: > 0 } text)
        {
            return text;
        }

        return FirstText(root, html: true) is { } html ? Fold(StripHtml(Text(raw, html, PreviewBytes * 8)), PreviewChars) : "";
    }

    public static string Extract(Stream raw, BodyPart root, int maxChars)
    {
        // Parts in the order of their bytes: the stream may only go forward. Where a choice is offered, the plain one is read.
        var text = new StringBuilder();
        var position = 0L;
        foreach (var part in TextParts(root))
        {
            if (text.Length >= maxChars)
            {
                break;
            }

            var relative = raw.CanSeek ? part : part with { BodyOffset = (int)(part.BodyOffset - position) };
            if (relative.BodyOffset < 0)
            {
                continue;
            }

            var bytes = ReadUpTo(PartContent.Open(raw, relative), Math.Min(part.BodySize, (maxChars - text.Length) * 8L));
            position = part.BodyOffset + part.BodySize;
            var decoded = PartContent.DecodeText(bytes, part.Charset);
            text.Append(part.Subtype == "html" ? StripHtml(decoded) : decoded).Append('\n');
        }

        return text.Length > maxChars ? text.ToString(0, maxChars) : text.ToString();
    }

    private static IEnumerable<BodyPart> TextParts(BodyPart part)
    {
        if (part.Message is { } inner)
        {
            return TextParts(inner);
        }

        if (part.Parts is { } parts)
        {
            var chosen = part.Subtype == "alternative" && parts.FirstOrDefault(p => p.Type == "text" && p.Subtype == "plain") is { BodySize: > 0 } plain
                ? [plain]
                : parts;
            return chosen.SelectMany(TextParts);
        }

        return part.Type == "text" && part.Disposition != "attachment" ? [part] : [];
    }

    private static BodyPart? FirstText(BodyPart part, bool html)
    {
        if (part.Parts is { } parts)
        {
            foreach (var child in parts)
            {
                if (FirstText(child, html) is { } found)
                {
                    return found;
                }
            }

            return null;
        }

        return part.Type == "text" && part.Disposition != "attachment" && (part.Subtype == "html") == html ? part : null;
    }

    private static string Text(ReadOnlySpan<byte> raw, BodyPart part, int maxBytes)
    {
        var encoded = raw.Slice(part.BodyOffset, Math.Min(part.BodySize, maxBytes));
        if (part.Encoding is "7bit" or "8bit" or "binary")
        {
            return PartContent.DecodeText(encoded, part.Charset);
        }

        using var stream = PartContent.Open(new MemoryStream(encoded.ToArray()), part with { BodyOffset = 0, BodySize = encoded.Length });
        return PartContent.DecodeText(ReadUpTo(stream, maxBytes), part.Charset);
    }

    private static byte[] ReadUpTo(Stream stream, long max)
    {
        var bytes = new byte[Math.Min(max, 64 * 1024 * 1024)];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length == bytes.Length ? bytes : bytes[..length];
    }

    /// <summary>White space to single blanks, quoted lines left out, cut at <paramref name="max"/> characters.</summary>
    private static string Fold(string text, int max)
    {
        var b = new StringBuilder(max);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(">"))
            {
                continue;
            }

            foreach (var rune in line.EnumerateRunes())
            {
                if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
                {
                    Blank(b);
                }
                else if (rune.Value is not (0x200B or 0x200C or 0x200D or 0xFEFF or 0x034F or 0xAD))
                {
                    b.Append(rune);
                }

                if (b.Length >= max)
                {
                    return b.ToString(0, b.Length - (char.IsHighSurrogate(b[^1]) ? 1 : 0)).TrimEnd();
                }
            }

            Blank(b);
        }

        return b.ToString().TrimEnd();
    }

    private static void Blank(StringBuilder b)
    {
        if (b.Length > 0 && b[^1] != ' ')
        {
            b.Append(' ');
        }
    }

    /// <summary>Text between the tags, in one pass; what stands in script, style, head and comments is left out.</summary>
    internal static string StripHtml(string html)
    {
        var b = new StringBuilder(html.Length / 2);
        var s = html.AsSpan();
        var i = 0;
        while (i < s.Length)
        {
            if (s[i] != '<')
            {
                var next = s[i..].IndexOf('<');
                next = next < 0 ? s.Length : i + next;
                b.Append(s[i..next]);
                i = next;
                continue;
            }

            if (s[i..].StartsWith("<!--", StringComparison.Ordinal))
            {
                var close = s[i..].IndexOf("-->", StringComparison.Ordinal);
                i = close < 0 ? s.Length : i + close + 3;
                continue;
            }

            var end = s[i..].IndexOf('>');
            if (end < 0)
            {
                break;
            }

            var tag = s[(i + 1)..(i + end)];
            i += end + 1;
            foreach (var hidden in (string[])["script", "style", "title"])
            {
                if (tag.StartsWith(hidden, StringComparison.OrdinalIgnoreCase))
                {
                    var close = s[i..].IndexOf($"</{hidden}", StringComparison.OrdinalIgnoreCase);
                    i = close < 0 ? s.Length : i + close;
                }
            }

            if (!Inline(tag))
            {
                b.Append('\n');
            }
        }

        return WebUtility.HtmlDecode(b.ToString());
    }

    private static bool Inline(ReadOnlySpan<char> tag)
    {
        tag = tag.TrimStart('/');
        var end = tag.IndexOfAny(" \t\r\n/");
        tag = end < 0 ? tag : tag[..end];
        foreach (var name in (string[])["b", "i", "u", "a", "em", "strong", "span", "font", "small", "big", "sub", "sup", "code", "wbr"])
        {
            if (tag.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
