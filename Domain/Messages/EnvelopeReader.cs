using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace SaaS.Domain.Messages;

/// <summary>Reads the fields of ENVELOPE and decodes them (RFC 5322, 2047, 6532).</summary>
internal static class EnvelopeReader
{
    private const int MaxReferences = 100;
    private static readonly ParserOptions Lenient = new()
    {
        CharsetEncoding = Encoding.Latin1,
        AddressParserComplianceMode = RfcComplianceMode.Looser,
        Rfc2047ComplianceMode = RfcComplianceMode.Loose,
        AllowUnquotedCommasInAddresses = true,
        AllowAddressesWithoutDomain = true,
        MaxAddressGroupDepth = 3,
    };

    public static MessageEnvelope Read(ReadOnlySpan<byte> raw, List<HeaderField> fields, ParseLimits limits)
    {
        string? date = null, subject = null, reply = null, id = null;
        List<HeaderAddress>? from = null, sender = null, replyTo = null, to = null, cc = null, bcc = null;
        List<string>? references = null;
        foreach (var field in fields)
        {
            switch (Name(raw, field))
            {
                case "date": date ??= Unfold(raw, field, limits); break;
                case "subject": subject ??= Decode(raw, field, limits); break;
                case "in-reply-to": reply ??= Unfold(raw, field, limits); break;
                case "message-id": id ??= Unfold(raw, field, limits) is { Length: > 0 } m ? m : null; break;
                case "references": references ??= References(raw, field, limits); break;
                case "from": Add(ref from, raw, field, limits); break;
                case "sender": Add(ref sender, raw, field, limits); break;
                case "reply-to": Add(ref replyTo, raw, field, limits); break;
                case "to": Add(ref to, raw, field, limits); break;
                case "cc": Add(ref cc, raw, field, limits); break;
                case "bcc": Add(ref bcc, raw, field, limits); break;
                default: break;
            }
        }

        return new MessageEnvelope
        {
            Date = date,
            Subject = subject,
            From = from,
            Sender = sender,
            ReplyTo = replyTo,
            To = to,
            Cc = cc,
            Bcc = bcc,
            InReplyTo = reply,
            MessageId = id,
            References = references,
        };
    }

    public static DateTimeOffset? Date(string? text)
    {
        if (text is null || !DateUtils.TryParse(text, out var date))
        {
            return null;
        }

        // What PostgreSQL and clients can show.
        return date.Year is > 1 and < 9999 ? date : null;
    }

    /// <summary>The value without folds, leading and trailing white space; octets that are not UTF-8 are taken as Latin-1.</summary>
    public static string Unfold(ReadOnlySpan<byte> raw, HeaderField field, ParseLimits limits)
    {
        var value = raw.Slice(field.ValueStart, Math.Min(field.ValueLength, limits.MaxFieldBytes));
        var text = ToText(value);
        if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
        {
            text = text.Replace("\r\n", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)
                .Replace('\r', ' ').Replace("\0", "", StringComparison.Ordinal);
        }

        return text.Trim(' ', '\t');
    }

    /// <summary>Unfolded, and with its encoded words decoded.</summary>
    public static string Decode(ReadOnlySpan<byte> raw, HeaderField field, ParseLimits limits)
    {
        var text = Unfold(raw, field, limits);
        if (!text.Contains("=?", StringComparison.Ordinal))
        {
            return Visible(text);
        }

        return Visible(Rfc2047.DecodeText(Lenient, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Without control characters: nothing that comes out of here can break a line of a protocol or of a log.</summary>
    public static string Visible(string text)
    {
        var clean = true;
        foreach (var c in text)
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
            {
                clean = false;
                break;
            }
        }

        if (clean)
        {
            return text;
        }

        var b = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                b.Append(' ');
            }
            else if (!Rune.IsControl(rune))
            {
                b.Append(rune);
            }
        }

        return b.ToString();
    }

    private static string Name(ReadOnlySpan<byte> raw, HeaderField field)
    {
        if (field.NameLength is < 2 or > 11)
        {
            return "";
        }

        Span<char> name = stackalloc char[11];
        Ascii.ToLower(raw.Slice(field.NameStart, field.NameLength), name, out var written);
        ReadOnlySpan<char> lower = name[..written];
        foreach (var known in Names)
        {
            if (lower.SequenceEqual(known))
            {
                return known;
            }
        }

        return "";
    }

    private static readonly string[] Names =
        ["date", "subject", "in-reply-to", "message-id", "references", "from", "sender", "reply-to", "to", "cc", "bcc"];

    private static void Add(ref List<HeaderAddress>? list, ReadOnlySpan<byte> raw, HeaderField field, ParseLimits limits)
    {
        var before = list?.Count ?? 0;
        if (before >= limits.MaxAddresses)
        {
            return;
        }

        var value = Unfold(raw, field, limits);
        if (value.Length == 0)
        {
            return;
        }

        list ??= [];
        if (InternetAddressList.TryParse(Lenient, Encoding.UTF8.GetBytes(value), out var parsed))
        {
            Flatten(parsed, list, limits.MaxAddresses);
        }
        else
        {
            list.Add(new HeaderAddress(null, Visible(value), ""));
        }

        if (list.Count == 0)
        {
            list = null;
        }
    }

    private static void Flatten(InternetAddressList parsed, List<HeaderAddress> list, int max)
    {
        foreach (var address in parsed)
        {
            if (list.Count >= max)
            {
                return;
            }

            switch (address)
            {
                case GroupAddress group:
                    list.Add(new HeaderAddress(null, null, null, Visible(group.Name ?? "")));
                    Flatten(group.Members, list, max);
                    list.Add(new HeaderAddress(null, null, null));
                    break;
                case MailboxAddress mailbox:
                    var whole = Visible(mailbox.Address ?? "");
                    var at = whole.LastIndexOf('@');
                    list.Add(new HeaderAddress(
                        string.IsNullOrWhiteSpace(mailbox.Name) ? null : Visible(mailbox.Name),
                        at < 0 ? whole : whole[..at],
                        at < 0 ? "" : whole[(at + 1)..]));
                    break;
                default:
                    break;
            }
        }
    }

    private static List<string>? References(ReadOnlySpan<byte> raw, HeaderField field, ParseLimits limits)
    {
        var ids = new List<string>();
        foreach (var id in MimeUtils.EnumerateReferences(Unfold(raw, field, limits)))
        {
            ids.Add($"<{Visible(id)}>");
        }

        return ids.Count == 0 ? null : ids.Count <= MaxReferences ? ids : [ids[0], .. ids.TakeLast(MaxReferences - 1)];
    }

    private static string ToText(ReadOnlySpan<byte> value) =>
        System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : Encoding.Latin1.GetString(value);
}
