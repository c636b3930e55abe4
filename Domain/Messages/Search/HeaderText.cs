using System.Text;
using MimeKit.Utils;

namespace SaaS.Domain.Messages.Search;

/// <summary>The fields of a header block as text to search in: unfolded, encoded words decoded.</summary>
public static class HeaderText
{
    public static IEnumerable<(string Name, string Value)> Fields(byte[] header)
    {
        for (var at = 0; at < header.Length;)
        {
            var end = End(header, at);
            var field = Text(header.AsSpan(at, end - at));
            at = end;
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                yield return (field[..colon].TrimEnd(), Decode(field[(colon + 1)..].Trim()));
            }
        }
    }

    /// <summary>All fields, a line each; where nothing is encoded without looking at them one by one.</summary>
    public static string Whole(byte[] header)
    {
        if (header.AsSpan().IndexOf("=?"u8) < 0 && System.Text.Ascii.IsValid(header)
            && header.AsSpan().IndexOf("\n "u8) < 0 && header.AsSpan().IndexOf("\n\t"u8) < 0)
        {
            return Encoding.ASCII.GetString(header);
        }

        var text = new StringBuilder(header.Length);
        foreach (var (name, value) in Fields(header))
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>The header fields of the parts, as far as they were parsed, and those of messages within.</summary>
    public static string Parts(BodyPart root)
    {
        var text = new StringBuilder();
        Append(text, root);
        return text.ToString();
    }

    /// <summary>An address as it is searched for: <c>Name &lt;local@host&gt;</c>.</summary>
    public static string Address(HeaderAddress a) => $"{a.Group}{a.Name} <{a.Local}@{a.Host}>";

    private static void Append(StringBuilder text, BodyPart part)
    {
        text.Append("Content-Type: ").Append(part.Type).Append('/').Append(part.Subtype);
        Append(text, part.Parameters);
        text.Append("\r\nContent-Transfer-Encoding: ").Append(part.Encoding).Append("\r\n");
        if (part.Disposition is { } disposition)
        {
            text.Append("Content-Disposition: ").Append(disposition);
            Append(text, part.DispositionParameters);
            text.Append("\r\n");
        }

        Append(text, "Content-ID", part.ContentId);
        Append(text, "Content-Description", part.Description);
        Append(text, "Content-Location", part.Location);
        if (part.MessageEnvelope is { } inside)
        {
            Append(text, "Subject", inside.Subject);
            Append(text, "From", inside.From);
            Append(text, "To", inside.To);
            Append(text, "Cc", inside.Cc);
            Append(text, "Date", inside.Date);
            Append(text, "Message-ID", inside.MessageId);
        }

        foreach (var child in part.Parts ?? [])
        {
            Append(text, child);
        }

        if (part.Message is { } message)
        {
            Append(text, message);
        }
    }

    private static void Append(StringBuilder text, IReadOnlyList<PartParameter>? parameters)
    {
        foreach (var (name, value) in parameters ?? [])
        {
            text.Append("; ").Append(name).Append('=').Append(value);
        }
    }

    private static void Append(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }

    private static void Append(StringBuilder text, string name, IReadOnlyList<HeaderAddress>? addresses)
    {
        if (addresses is not null)
        {
            text.Append(name).Append(": ").AppendJoin(", ", addresses.Take(1000).Select(Address)).Append("\r\n");
        }
    }

    private static string Decode(string value) =>
        value.Contains("=?", StringComparison.Ordinal) ? Rfc2047.DecodeText(Encoding.UTF8.GetBytes(value)) : value;

    private static string Text(ReadOnlySpan<byte> field)
    {
        var text = System.Text.Unicode.Utf8.IsValid(field) ? Encoding.UTF8.GetString(field) : Encoding.Latin1.GetString(field);
        return text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal);
    }

    private static int End(byte[] header, int at)
    {
        while (true)
        {
            var feed = Array.IndexOf(header, (byte)'\n', at);
            if (feed < 0)
            {
                return header.Length;
            }

            at = feed + 1;
            if (at >= header.Length || header[at] is not ((byte)' ' or (byte)'\t'))
            {
                return at;
            }
        }
    }
}
