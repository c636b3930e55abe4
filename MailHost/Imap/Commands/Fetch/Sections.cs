using SaaS.Domain.Messages;
using System.Text;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>Where a section lies in the raw message.</summary>
internal readonly record struct Extent(long Offset, long Length);

/// <summary>Finds parts by number and header fields by name.</summary>
/// <remarks>RFC 9051 §6.4.5.1.</remarks>
internal static class Sections
{
    /// <summary>The part that the numbers lead to; null when there is none.</summary>
    public static BodyPart? Find(BodyPart message, ReadOnlySpan<int> path)
    {
        // A message's parts are those of its body; a body that is no multipart is part 1.
        var part = message;
        var isMessage = true;
        foreach (var number in path)
        {
            if (!isMessage && part.Message is { } inner)
            {
                part = inner;
                isMessage = true;
            }

            if (part.IsMultipart)
            {
                if (part.Parts is null || number > part.Parts.Count)
                {
                    return null;
                }

                part = part.Parts[number - 1];
            }
            else if (!isMessage || number != 1)
            {
                return null;
            }

            isMessage = false;
        }

        return part;
    }

    /// <summary>Null: there is no such section.</summary>
    public static Extent? Locate(FetchItem item, BodyPart? root, long size)
    {
        if (item.Path.Length == 0 && item.Text == SectionText.None)
        {
            return new Extent(0, size);
        }

        if (root is null || Find(root, item.Path) is not { } part)
        {
            return null;
        }

        if (item.Path.Length == 0)
        {
            return item.Text == SectionText.Text ? new Extent(root.BodyOffset, size - root.BodyOffset) : new Extent(0, root.BodyOffset);
        }

        switch (item.Text)
        {
            case SectionText.None:
                return new Extent(part.BodyOffset, part.BodySize);
            case SectionText.Mime:
                return new Extent(part.HeaderOffset, part.BodyOffset - part.HeaderOffset);
            default:
                if (part.Message is not { } inner)
                {
                    return null;
                }

                var end = part.BodyOffset + part.BodySize;
                return item.Text == SectionText.Text
                    ? new Extent(inner.BodyOffset, end - inner.BodyOffset)
                    : new Extent(inner.HeaderOffset, inner.BodyOffset - inner.HeaderOffset);
        }
    }

    /// <summary>The header's fields with these names, or all but those; ends with the blank line (RFC 9051 §6.4.5.1).</summary>
    public static byte[] Filter(ReadOnlySpan<byte> header, IReadOnlyList<string> names, bool not)
    {
        var picked = new MemoryStream(Math.Min(header.Length, 4096));
        var taking = false;
        while (!header.IsEmpty)
        {
            var feed = header.IndexOf((byte)'\n');
            var line = feed < 0 ? header : header[..(feed + 1)];
            header = header[line.Length..];
            if (line is [(byte)'\r', (byte)'\n'] or [(byte)'\n'])
            {
                break;
            }

            if (line[0] is not ((byte)' ' or (byte)'\t'))
            {
                var colon = line.IndexOf((byte)':');
                taking = colon >= 0 && Contains(names, line[..colon].TrimEnd((byte)' ')) != not;
            }

            if (taking)
            {
                picked.Write(line);
            }
        }

        picked.Write("\r\n"u8);
        return picked.ToArray();
    }

    private static bool Contains(IReadOnlyList<string> names, ReadOnlySpan<byte> name)
    {
        foreach (var wanted in names)
        {
            if (Ascii.EqualsIgnoreCase(name, wanted))
            {
                return true;
            }
        }

        return false;
    }
}
