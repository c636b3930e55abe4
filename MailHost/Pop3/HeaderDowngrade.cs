using System.Text;
using MimeKit;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Pop3;

/// <summary>
/// The header of a message as ASCII, for clients that have not said UTF8: the message is shown changed rather than kept from them. What is in
/// the store stays as it is.
/// </summary>
/// <remarks>RFC 6856 §4; the shape is that of RFC 6858 §2: text and display names become encoded words, an address that cannot be written
/// in ASCII becomes an empty group that has it in its name.</remarks>
internal static class HeaderDowngrade
{
    /// <summary>Octets of a header that are looked at; one that is longer is sent as it is.</summary>
    private const int MaxHeader = 256 * 1024;

    private static readonly HashSet<string> AddressFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Return-Path",
        "Disposition-Notification-To",
    };

    /// <summary>What is to be sent before the rest of <paramref name="message"/>, which stands behind what was read of it.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadHeadAsync(Stream message, CancellationToken ct)
    {
        var buffer = new byte[8 * 1024];
        var length = 0;
        while (true)
        {
            var read = await message.ReadAsync(buffer.AsMemory(length), ct);
            var from = Math.Max(0, length - 3);
            length += read;
            var end = buffer.AsSpan(from, length - from).IndexOf("\r\n\r\n"u8);
            if (end >= 0 || read == 0 || length >= MaxHeader)
            {
                // With the line end of its last field, and without the empty line.
                var header = end >= 0 ? from + end + 2 : length;
                return end < 0 || Ascii.IsValid(buffer.AsSpan(0, header))
                    ? buffer.AsMemory(0, length)
                    : (byte[])[.. Encoding.ASCII.GetBytes(Rewrite(buffer.AsSpan(0, header))), .. buffer.AsSpan(header, length - header)];
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(MaxHeader, buffer.Length * 2));
            }
        }
    }

    public static string Rewrite(ReadOnlySpan<byte> block)
    {
        var text = new StringBuilder(block.Length * 2);
        foreach (var (name, raw) in HeaderBlock.Parse(block))
        {
            text.Append(name).Append(':').Append(Ascii.IsValid(raw) ? raw : " " + Field(name, raw)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Field(string name, string raw)
    {
        var octets = Encoding.UTF8.GetBytes(raw);
        var written = AddressFields.Contains(name) && InternetAddressList.TryParse(octets, out var list) ? Folded(list.Select(Address))
            : name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && ContentType.TryParse(octets, out var type) ? Value(type.ToString(Encoding.UTF8, encode: true))
            : name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase) && ContentDisposition.TryParse(octets, out var disposition)
                ? Value(disposition.ToString(Encoding.UTF8, encode: true))
            : "";
        return written.Length > 0 && Ascii.IsValid(written) ? written : Folded(EncodedWords.Encode(Unfolded(raw)).Split(' '), "");
    }

    private static string Address(InternetAddress address)
    {
        if (address is GroupAddress group)
        {
            return $"{Phrase(group.Name)}: {string.Join(", ", group.Members.Select(Address))};";
        }

        var mailbox = (MailboxAddress)address;
        if (!Ascii.IsValid(mailbox.Address))
        {
            var ascii = mailbox.Address.LastIndexOf('@') is > 0 and var at && Ascii.IsValid(mailbox.Address.AsSpan(0, at)) ? MailboxAddress.EncodeAddrspec(mailbox.Address) : null;
            if (ascii is null || !Ascii.IsValid(ascii))
            {
                return $"{EncodedWords.Encode($"{mailbox.Name} {mailbox.Address}".Trim())} :;";
            }

            return $"{Phrase(mailbox.Name)} <{ascii}>".TrimStart();
        }

        return string.IsNullOrEmpty(mailbox.Name) ? mailbox.Address : $"{Phrase(mailbox.Name)} <{mailbox.Address}>";
    }

    private static string Phrase(string? name) =>
        string.IsNullOrEmpty(name) ? "" : Ascii.IsValid(name) ? MimeKit.Utils.MimeUtils.Quote(Unfolded(name)) : EncodedWords.Encode(Unfolded(name));

    // "Content-Type: text/plain" -> "text/plain"
    private static string Value(string field) => field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();

    private static string Unfolded(string text) => new string([.. text.Where(c => c is not ('\r' or '\n')).Select(c => c < ' ' ? ' ' : c)]).Trim();

    private static string Folded(IEnumerable<string> parts, string separator = ",") => string.Join(separator + "\r\n ", parts);
}
