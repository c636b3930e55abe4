using System.Text;
using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>Decodes text parts (RFC 8621 §4.1.4 EmailBodyValue): any charset, bounded, never failing.</summary>
internal static class BodyText
{
    static BodyText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Reads parts of one raw message in a single pass over it.</summary>
    public static async Task<Dictionary<BodyPart, JsonObject>> ReadAsync(Stream raw, IEnumerable<BodyPart> parts, int maxBytes, CancellationToken ct)
    {
        var values = new Dictionary<BodyPart, JsonObject>(ReferenceEqualityComparer.Instance);
        long position = 0;
        foreach (var part in parts.DistinctBy(p => p.BodyOffset).OrderBy(p => p.BodyOffset))
        {
            if (part.BodyOffset < position || !await SliceStream.SkipAsync(raw, part.BodyOffset - position, ct))
            {
                values[part] = Value("", problem: true, truncated: false);
                continue;
            }

            // Enough encoded octets for the longest encodings (every character as =XX of three octets).
            var length = (int)Math.Min(part.BodySize, Math.Min(maxBytes * 9L + 1024, 64 * 1024 * 1024));
            var encoded = new byte[length];
            var read = await raw.ReadAtLeastAsync(encoded, length, throwOnEndOfStream: false, ct);
            position = (long)part.BodyOffset + read;
            values[part] = Decode(part, encoded.AsMemory(0, read), maxBytes, cut: length < part.BodySize);
        }

        return values;
    }

    private static JsonObject Decode(BodyPart part, ReadOnlyMemory<byte> encoded, int maxBytes, bool cut)
    {
        using var decoded = new MemoryStream();
        using (var source = BlobReader.Decode(new MemoryStream(encoded.ToArray(), writable: false), BlobId.EncodingOf(part)))
        {
            source.CopyTo(decoded);
        }

        var bytes = decoded.GetBuffer().AsSpan(0, (int)decoded.Length);
        var text = Decode(bytes, part.Charset, out var problem).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal);
        var kept = Cut(text, maxBytes, isHtml: part.Subtype == "html");
        return Value(kept, problem, cut || kept.Length < text.Length);
    }

    public static string Decode(ReadOnlySpan<byte> bytes, string? charset, out bool problem)
    {
        problem = false;
        var encoding = Find(charset);
        if (encoding is not null && encoding.CodePage is not (20127 or 65001))
        {
            return encoding.GetString(bytes);
        }

        // What calls itself nothing, ASCII or UTF-8 is UTF-8 if it can be.
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            problem = encoding is null && charset is { Length: > 0 };
            return Encoding.UTF8.GetString(bytes);
        }

        problem = true;
        return encoding?.CodePage == 65001 ? Encoding.UTF8.GetString(bytes) : Encoding.GetEncoding(1252).GetString(bytes);
    }

    private static Encoding? Find(string? charset)
    {
        if (string.IsNullOrWhiteSpace(charset))
        {
            return null;
        }

        try
        {
            var encoding = Encoding.GetEncoding(charset.Trim().Trim('"', '\''));

            // RFC 8621 readers meet 8859-1 that is really 1252 every day; UTF-7 is an attack.
            return encoding.CodePage switch { 28591 => Encoding.GetEncoding(1252), 65000 => null, _ => encoding };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>At most so many octets of UTF-8, never inside a character, nor inside a tag.</summary>
    private static string Cut(string text, int maxBytes, bool isHtml)
    {
        if (text.Length * 3L <= maxBytes || Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = 0;
        var end = 0;
        while (end < text.Length)
        {
            var pair = char.IsHighSurrogate(text[end]) && end + 1 < text.Length && char.IsLowSurrogate(text[end + 1]);
            var size = pair ? 4 : text[end] < 0x80 ? 1 : text[end] < 0x800 ? 2 : 3;
            if (bytes + size > maxBytes)
            {
                break;
            }

            bytes += size;
            end += pair ? 2 : 1;
        }

        var kept = text[..end];
        return isHtml && kept.LastIndexOf('<') is >= 0 and var open && open > kept.LastIndexOf('>') ? kept[..open] : kept;
    }

    private static JsonObject Value(string text, bool problem, bool truncated) => new()
    {
        ["value"] = text,
        ["isEncodingProblem"] = problem,
        ["isTruncated"] = truncated,
    };
}
