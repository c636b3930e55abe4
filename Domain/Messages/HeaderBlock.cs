using System.Text;

namespace SaaS.Domain.Messages;

/// <summary>One header field as it stands in the message.</summary>
/// <param name="Name">As written.</param>
/// <param name="Raw">All behind the colon, folds and the space behind the colon included, without the final line end (RFC 8621 §4.1.2.1).</param>
public sealed record RawHeaderField(string Name, string Raw)
{
    /// <summary>Unfolded, encoded words decoded, NFC, trimmed (RFC 8621 §4.1.2.2).</summary>
    public string Text => HeaderBlock.Decode(Raw);
}

/// <summary>Reads the fields of a header block as they are; what is not UTF-8 is read as Latin-1.</summary>
public static class HeaderBlock
{
    public const int MaxFields = 10_000;

    public static IReadOnlyList<RawHeaderField> Parse(ReadOnlySpan<byte> block)
    {
        var fields = new List<RawHeaderField>();
        var at = 0;
        while (at < block.Length && fields.Count < MaxFields)
        {
            var end = at;
            while (true)
            {
                var lf = block[end..].IndexOf((byte)'\n');
                end = lf < 0 ? block.Length : end + lf + 1;
                if (end >= block.Length || block[end] is not ((byte)' ' or (byte)'\t'))
                {
                    break;
                }
            }

            var line = block[at..end].TrimEnd("\r\n"u8);
            at = end;
            if (line.IsEmpty)
            {
                break;
            }

            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            var name = Encoding.Latin1.GetString(line[..colon]).TrimEnd();
            if (name.Length > 0 && name.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0)
            {
                fields.Add(new RawHeaderField(name, GetString(line[(colon + 1)..])));
            }
        }

        return fields;
    }

    public static string Decode(string raw)
    {
        var unfolded = raw.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var decoded = MimeKit.Utils.Rfc2047.DecodeText(Encoding.UTF8.GetBytes(unfolded)).Replace("\0", "", StringComparison.Ordinal).Trim();
        try
        {
            return decoded.Normalize();
        }
        catch (ArgumentException)
        {
            return decoded;
        }
    }

    private static string GetString(ReadOnlySpan<byte> bytes) =>
        (System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes).Replace("\0", "", StringComparison.Ordinal);
}
