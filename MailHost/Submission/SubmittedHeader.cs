using System.Text;
using MimeKit;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Submission;

/// <summary>The header block of a submitted message, as far as submission has to judge and mend it.</summary>
/// <remarks>RFC 6409 §8; RFC 5322 §3.6.</remarks>
internal sealed class SubmittedHeader
{
    /// <summary>A longer header block is refused: we would have to hold it in memory.</summary>
    public const int MaxBytes = 128 * 1024;

    private readonly byte[] _block;
    private readonly List<Range> _bcc = [];
    private int _senders;
    private string? _sender;

    private SubmittedHeader(byte[] block) => _block = block;

    public bool HasDate { get; private set; }

    public bool HasMessageId { get; private set; }

    /// <summary>One or more Sender fields.</summary>
    public bool HasSender => _senders > 0;

    public bool HasBcc => _bcc.Count > 0;

    /// <summary>Every address of the one From; null where there is not exactly one From, or it cannot be read.</summary>
    public IReadOnlyList<MailAddress>? From { get; private set; }

    /// <summary>Null where the header does not end within the limit.</summary>
    public static async Task<SubmittedHeader?> ReadAsync(MessageBytes message, CancellationToken ct)
    {
        var start = new byte[(int)Math.Min(message.Length, MaxBytes)];
        await using (var stream = message.OpenRead())
        {
            await stream.ReadExactlyAsync(start, ct);
        }

        var end = start.AsSpan().StartsWith("\r\n"u8) ? 0 : start.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0 && message.Length > start.Length)
        {
            return null;
        }

        var header = new SubmittedHeader(end < 0 ? start : start[..(end == 0 ? 0 : end + 2)]);
        header.Parse();
        return header;
    }

    /// <summary>The message without its Bcc fields.</summary>
    public async Task<MessageBytes> WithoutBccAsync(MessageBytes message, string folder, CancellationToken ct)
    {
        var result = new MessageBytes(folder);
        var position = 0;
        foreach (var field in _bcc)
        {
            result.Write(_block.AsSpan(position..field.Start));
            position = field.End.Value;
        }

        result.Write(_block.AsSpan(position));
        await using var rest = message.OpenRead();
        rest.Seek(_block.Length, SeekOrigin.Begin);
        var buffer = new byte[64 * 1024];
        int n;
        while ((n = await rest.ReadAsync(buffer, ct)) > 0)
        {
            result.Write(buffer.AsSpan(0, n));
        }

        return result;
    }

    /// <summary>True where the one Sender is this address.</summary>
    public bool IsSender(string address) => _senders == 1 && address.Equals(_sender, StringComparison.OrdinalIgnoreCase);

    private void Parse()
    {
        var from = new List<byte[]>();
        for (var start = 0; start < _block.Length;)
        {
            var end = FieldEnd(start);
            var field = _block.AsSpan(start..end);
            if (Is(field, "From"u8))
            {
                from.Add(field[(field.IndexOf((byte)':') + 1)..].ToArray());
            }
            else if (Is(field, "Sender"u8))
            {
                _senders++;
                _sender = MailboxAddress.TryParse(field[(field.IndexOf((byte)':') + 1)..].ToArray(), out var mailbox) ? mailbox.Address : null;
            }
            else if (Is(field, "Date"u8))
            {
                HasDate = true;
            }
            else if (Is(field, "Message-ID"u8))
            {
                HasMessageId = true;
            }
            else if (Is(field, "Bcc"u8) || Is(field, "Resent-Bcc"u8))
            {
                _bcc.Add(start..end);
            }

            start = end;
        }

        if (from is [var only] && InternetAddressList.TryParse(only, out var list))
        {
            From = Addresses(list);
        }
    }

    private static List<MailAddress>? Addresses(InternetAddressList list)
    {
        var addresses = new List<MailAddress>();
        foreach (var mailbox in list.Mailboxes)
        {
            if (!MailAddress.TryParse(mailbox.Address, out var address))
            {
                return null;
            }

            addresses.Add(address);
        }

        return addresses.Count is 0 or > 20 ? null : addresses;
    }

    // A field goes on while the next line begins with white space (RFC 5322 §2.2.3).
    private int FieldEnd(int start)
    {
        while (true)
        {
            var line = _block.AsSpan(start).IndexOf("\r\n"u8);
            if (line < 0)
            {
                return _block.Length;
            }

            start += line + 2;
            if (start >= _block.Length || _block[start] is not ((byte)' ' or (byte)'\t'))
            {
                return start;
            }
        }
    }

    private static bool Is(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
    {
        var colon = field.IndexOf((byte)':');
        return colon > 0 && Ascii.EqualsIgnoreCase(field[..colon].TrimEnd(" \t"u8), name);
    }
}
