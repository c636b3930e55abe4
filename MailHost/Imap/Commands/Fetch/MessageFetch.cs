using MimeKit.Encodings;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>The FETCH response of one message. Octets of the message stream from the store.</summary>
internal static class MessageFetch
{
    private static readonly string[] KnownEncodings = ["7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode"];

    public static async ValueTask WriteAsync(
        ImapSession s, MessageStore store, int number, ReadMessage m, IReadOnlyList<FetchItem> items, bool tellFlags, CancellationToken ct)
    {
        var w = s.Out;
        foreach (var item in items)
        {
            // Before the line begins: it could not be taken back.
            if (item.Kind is FetchKind.Binary or FetchKind.BinarySize && item.Path.Length > 0
                && Sections.Find(m.Structure!, item.Path) is { } part && !KnownEncodings.Contains(part.Encoding))
            {
                throw new ImapSyntaxException("The encoding of the part is unknown.", "UNKNOWN-CTE") { IsRefusal = true };
            }
        }

        await using var raw = new RawMessage(store, s.Tenant, s.Mailbox.Account, m);
        if (tellFlags || items.Any(i => i.Kind == FetchKind.Flags))
        {
            s.TellKeywords(m.Row.Keywords);
        }

        s.BeginFetch(number, m.Row.Uid.Value);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                w.Space();
            }

            first = false;
            if (item.Kind == FetchKind.Flags)
            {
                tellFlags = false;
            }

            await WriteItemAsync(s, raw, m, item, ct);
        }

        if (tellFlags)
        {
            w.Space();
            ImapFlags.Write(w, m.Row.Flags, m.Row.Keywords);
            if (s.CondStore && !items.Any(i => i.Kind == FetchKind.ModSeq))
            {
                w.Raw(" MODSEQ ("u8).Number(m.Row.ModSeq.Value).Byte((byte)')');
            }
        }

        w.Raw(")\r\n"u8);
    }

    private static async ValueTask WriteItemAsync(ImapSession s, RawMessage raw, ReadMessage m, FetchItem item, CancellationToken ct)
    {
        var w = s.Out;
        switch (item.Kind)
        {
            case FetchKind.Flags:
                ImapFlags.Write(w, m.Row.Flags, m.Row.Keywords);
                return;
            case FetchKind.Uid:
                w.Raw("UID "u8).Number(m.Row.Uid.Value);
                return;
            case FetchKind.ModSeq:
                w.Raw("MODSEQ ("u8).Number(m.Row.ModSeq.Value).Byte((byte)')');
                return;
            case FetchKind.InternalDate:
                w.Raw("INTERNALDATE "u8).DateTime(m.Row.InternalDate);
                return;
            case FetchKind.SaveDate:
                w.Raw("SAVEDATE "u8).DateTime(m.Row.SavedAt);
                return;
            case FetchKind.Size:
                w.Raw("RFC822.SIZE "u8).Number(m.Row.Size);
                return;
            case FetchKind.EmailId:
                w.Raw("EMAILID (M"u8).Number(m.Row.Id.Value).Byte((byte)')');
                return;
            case FetchKind.ThreadId:
                w.Raw("THREADID (T"u8).Number(m.Row.Thread.Value).Byte((byte)')');
                return;
            case FetchKind.Preview:
                w.Raw("PREVIEW "u8).String(m.Preview ?? "");
                return;
            case FetchKind.Envelope:
                w.Raw("ENVELOPE "u8);
                EnvelopeJson.Write(w, m.Envelope);
                return;
            case FetchKind.Body or FetchKind.BodyStructure:
                w.Raw(item.Label).Space();
                StructureWriter.Body(w, m.Structure!, item.Kind == FetchKind.BodyStructure);
                return;
            case FetchKind.Section:
                await WriteSectionAsync(s, raw, m, item, ct);
                return;
            case FetchKind.Binary or FetchKind.BinarySize:
                await WriteBinaryAsync(s, raw, m, item, ct);
                return;
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>A section that the message's own header block answers.</summary>
    public static void WriteHeader(ImapWriter w, FetchItem item, byte[] header)
    {
        w.Raw(item.Label).Space();
        Write(w, item, HeaderOf(item, header));
    }

    private static ReadOnlySpan<byte> HeaderOf(FetchItem item, ReadOnlySpan<byte> header) => item.Text == SectionText.Header
        ? header
        : Sections.Filter(header, item.Fields, item.Text == SectionText.HeaderFieldsNot);

    private static async ValueTask WriteSectionAsync(ImapSession s, RawMessage raw, ReadMessage m, FetchItem item, CancellationToken ct)
    {
        s.Out.Raw(item.Label).Space();
        if (item.NeedsHeader)
        {
            Write(s.Out, item, HeaderOf(item, m.Header));
            return;
        }

        if (Sections.Locate(item, m.Structure, m.Row.Size) is not { } extent)
        {
            s.Out.Raw("NIL"u8);
            return;
        }

        if (item.Text is SectionText.HeaderFields or SectionText.HeaderFieldsNot)
        {
            var header = new MemoryStream();
            if (!await raw.SeekAsync(extent.Offset, ct) || !await raw.CopyAsync(extent.Length, header.WriteAsync, ct))
            {
                throw Short(m);
            }

            Write(s.Out, item, Sections.Filter(header.GetBuffer().AsSpan(0, (int)header.Length), item.Fields, item.Text == SectionText.HeaderFieldsNot));
            return;
        }

        var offset = Math.Min(item.Partial?.Offset ?? 0, extent.Length);
        var length = Math.Min(item.Partial?.Count ?? long.MaxValue, extent.Length - offset);
        if (length == 0)
        {
            s.Out.Raw("\"\""u8);
            return;
        }

        // Opened before the size is promised.
        if (!await raw.SeekAsync(extent.Offset + offset, ct))
        {
            throw Short(m);
        }

        s.Out.LiteralHeader(length);
        if (!await raw.CopyAsync(length, (bytes, token) => WriteAsync(s, bytes, token), ct))
        {
            throw Short(m);
        }
    }

    private static async ValueTask WriteBinaryAsync(ImapSession s, RawMessage raw, ReadMessage m, FetchItem item, CancellationToken ct)
    {
        // RFC 9051 §6.4.5: BINARY[] without a part is the whole message, which is not encoded.
        var part = item.Path.Length == 0 ? null : Sections.Find(m.Structure!, item.Path);
        if (part is null && item.Path.Length > 0)
        {
            s.Out.Raw(item.Label).Raw(item.Kind == FetchKind.BinarySize ? " 0"u8 : " NIL"u8);
            return;
        }

        var extent = part is null ? new Extent(0, m.Row.Size) : new Extent(part.BodyOffset, part.BodySize);
        IMimeDecoder? decoder = part?.Encoding switch
        {
            null or "7bit" or "8bit" or "binary" => null,
            "base64" => new Base64Decoder(),
            "quoted-printable" => new QuotedPrintableDecoder(),
            "x-uuencode" or "uuencode" => new UUDecoder(),
            _ => throw new ImapSyntaxException("The encoding of the part is unknown.", "UNKNOWN-CTE") { IsRefusal = true },
        };
        await using var decoded = new MessageBytes(s.Server.SpoolPath);
        if (!await raw.SeekAsync(extent.Offset, ct)
            || !await raw.CopyAsync(extent.Length, (bytes, _) => Decode(decoder, bytes, decoded), ct))
        {
            throw Short(m);
        }

        s.Out.Raw(item.Label).Space();
        if (item.Kind == FetchKind.BinarySize)
        {
            s.Out.Number(decoded.Length);
            return;
        }

        var offset = Math.Min(item.Partial?.Offset ?? 0, decoded.Length);
        var length = Math.Min(item.Partial?.Count ?? long.MaxValue, decoded.Length - offset);
        s.Out.Byte((byte)'~').LiteralHeader(length);
        await using var stream = decoded.OpenRead();
        stream.Seek(offset, SeekOrigin.Begin);
        var buffer = new byte[16 * 1024];
        while (length > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, buffer.Length)), ct);
            await WriteAsync(s, buffer.AsMemory(0, read), ct);
            length -= read;
        }
    }

    private static ValueTask Decode(IMimeDecoder? decoder, ReadOnlyMemory<byte> bytes, MessageBytes decoded)
    {
        if (decoder is null)
        {
            decoded.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        var input = bytes.ToArray();
        var output = new byte[decoder.EstimateOutputLength(input.Length)];
        decoded.Write(output.AsSpan(0, decoder.Decode(input, 0, input.Length, output)));
        return ValueTask.CompletedTask;
    }

    private static void Write(ImapWriter w, FetchItem item, ReadOnlySpan<byte> bytes)
    {
        if (item.Partial is var (offset, count))
        {
            var from = (int)Math.Min(offset, bytes.Length);
            bytes = bytes.Slice(from, (int)Math.Min(count, bytes.Length - from));
        }

        w.Literal(bytes);
    }

    private static ValueTask WriteAsync(ImapSession s, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        s.Out.Raw(bytes.Span);
        return s.FlushIfLargeAsync(ct);
    }

    /// <summary>The size was promised already: nothing but the end of the connection is honest.</summary>
    private static EndOfStreamException Short(ReadMessage m) => new($"Content {m.Row.Content} is shorter than its row says.");
}
