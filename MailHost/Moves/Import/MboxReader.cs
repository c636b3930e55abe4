using System.Globalization;
using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Moves.Import;

/// <summary>A message of an mbox file.</summary>
internal sealed record MboxMessage(IncomingBytes Bytes, MessageFlags Flags, IReadOnlyList<string> Keywords, DateTimeOffset? Date, string? MessageId, string? DateHeader) : IDisposable
{
    public void Dispose() => Bytes.Dispose();
}

/// <summary>
/// Reads mbox files (RFC 4155 and its older relatives) one message at a time. A message begins at a line "From address date" at the start or
/// behind an empty line. Where Content-Length leads to such a line or the end, it counts and nothing in the body is quoted (mboxcl2); else one
/// "&gt;" goes from lines of "&gt;From " (mboxrd; of mboxo it cannot be told which lines were quoted, and these are taken to be).
/// </summary>
internal sealed class MboxReader(Stream stream, string spool)
{
    private const int MaxHeaderLine = 64 * 1024;

    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private byte[]? _from;
    private bool _atStart = true;

    // Written by the programs that keep mbox files, not by the message's sender.
    private static readonly string[] Own = ["status", "x-status", "x-keywords", "x-uid", "x-imap", "x-imapbase", "x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys", "content-length"];

    /// <summary>The next message; null at the end.</summary>
    public async Task<MboxMessage?> ReadAsync(CancellationToken ct)
    {
        if (_atStart)
        {
            _atStart = false;
            do
            {
                _from = await LineAsync(ct);
            }
            while (_from is { } empty && Trim(empty).Length == 0);
            if (_from is null)
            {
                return null;
            }

            if (!IsFrom(_from))
            {
                throw new MoveFailedException("This is no mbox file: it does not begin with a line \"From \".");
            }
        }

        if (_from is not { } from)
        {
            return null;
        }

        var bytes = new IncomingBytes(spool);
        try
        {
            var fields = await HeaderAsync(bytes, ct);
            if (!(fields.GetValueOrDefault("content-length") is { } text
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                && await CountedBodyAsync(bytes, length, ct)))
            {
                await QuotedBodyAsync(bytes, ct);
            }

            var (flags, keywords) = FlagsOf(fields);
            return new MboxMessage(bytes, flags, keywords, DateOf(from), fields.GetValueOrDefault("message-id"), fields.GetValueOrDefault("date"));
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private async Task<Dictionary<string, string>> HeaderAsync(IncomingBytes bytes, CancellationToken ct)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        string? name = null;
        var own = false;
        while (await LineAsync(ct) is { } line)
        {
            var trimmed = Trim(line);
            if (trimmed.Length == 0)
            {
                bytes.Write("\r\n"u8);
                return fields;
            }

            if (trimmed[0] is not ((byte)' ' or (byte)'\t'))
            {
                var colon = Array.IndexOf(line, (byte)':');
                name = colon > 0 ? Encoding.ASCII.GetString(line, 0, colon).Trim().ToLowerInvariant() : null;
                own = name is not null && Own.Contains(name, StringComparer.Ordinal);
                if (name is not null && (own || name is "message-id" or "date"))
                {
                    fields.TryAdd(name, Encoding.UTF8.GetString(line, colon + 1, line.Length - colon - 1).Trim());
                }
            }
            else if (name is not null && fields.TryGetValue(name, out var before) && before.Length < 2000)
            {
                fields[name] = before + " " + Encoding.UTF8.GetString(trimmed).Trim();
            }

            if (!own)
            {
                bytes.Write(line);
            }
        }

        _from = null;
        return fields;
    }

    /// <summary>True where so many octets are followed by the next message or the end, and were taken.</summary>
    private async Task<bool> CountedBodyAsync(IncomingBytes bytes, long length, CancellationToken ct)
    {
        // Only where the file can be gone back in: a wrong length is common.
        if (!stream.CanSeek || length < 0)
        {
            return false;
        }

        var begin = stream.Position - (_end - _start);
        if (begin + length > stream.Length)
        {
            return false;
        }

        Seek(begin + length);
        var next = await LineAsync(ct);
        if (next is not null && Trim(next).Length == 0)
        {
            next = await LineAsync(ct);
        }

        var fits = next is null || IsFrom(next);
        var after = stream.Position - (_end - _start);
        Seek(begin);
        if (!fits)
        {
            return false;
        }

        for (var left = length; left > 0;)
        {
            if (_start == _end && !await FillAsync(ct))
            {
                break;
            }

            var take = (int)Math.Min(left, _end - _start);
            bytes.Write(_buffer.AsSpan(_start, take));
            _start += take;
            left -= take;
        }

        Seek(after);
        _from = next;
        return true;
    }

    private async Task QuotedBodyAsync(IncomingBytes bytes, CancellationToken ct)
    {
        // The empty line before the next message belongs to the file.
        byte[]? held = null;
        var begins = true;
        var atLineStart = true;
        while (await LineAsync(ct) is { } line)
        {
            if (atLineStart && (held is not null || begins) && IsFrom(line))
            {
                _from = line;
                return;
            }

            begins = false;
            if (held is not null)
            {
                bytes.Write(held);
                held = null;
            }

            if (atLineStart && Trim(line).Length == 0)
            {
                held = line;
            }
            else
            {
                bytes.Write(atLineStart && IsQuoted(line) ? line.AsSpan(1) : line);
            }

            atLineStart = line[^1] == '\n';
        }

        _from = null;
    }

    private static bool IsQuoted(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOfAnyExcept((byte)'>');
        return at > 0 && line[at..].StartsWith("From "u8);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line) => line.TrimEnd("\r\n"u8);

    /// <summary>"From ", something, and a time of day somewhere behind it: prose rarely has one.</summary>
    private static bool IsFrom(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("From "u8) || line.Length > 1000)
        {
            return false;
        }

        for (var i = 6; i + 4 < line.Length; i++)
        {
            if (line[i] == ':' && char.IsAsciiDigit((char)line[i - 1]) && char.IsAsciiDigit((char)line[i + 1]) && char.IsAsciiDigit((char)line[i + 2]))
            {
                return true;
            }
        }

        return false;
    }

    // From sender@host Thu Nov 24 18:22:48 2011 [+0100]
    internal static DateTimeOffset? DateOf(byte[] from)
    {
        var words = Encoding.ASCII.GetString(Trim(from)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 1; i + 4 < words.Length; i++)
        {
            var text = string.Join(' ', words[i..(i + 5)]);
            if (DateTime.TryParseExact(
                text, ["ddd MMM d HH:mm:ss yyyy", "ddd MMM dd HH:mm:ss yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            {
                var zone = TimeSpan.Zero;
                if (words.Length > i + 5 && words[i + 5] is [('+' or '-') and var sign, _, _, _, _] offset
                    && int.TryParse(offset.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var hhmm) && hhmm < 1400 && hhmm % 100 < 60)
                {
                    zone = TimeSpan.FromMinutes(((hhmm / 100 * 60) + (hhmm % 100)) * (sign == '-' ? -1 : 1));
                }

                return new DateTimeOffset(at, zone);
            }
        }

        return null;
    }

    private static (MessageFlags Flags, IReadOnlyList<string> Keywords) FlagsOf(Dictionary<string, string> fields)
    {
        var status = fields.GetValueOrDefault("status", "") + fields.GetValueOrDefault("x-status", "");
        var flags = MessageFlags.None;
        foreach (var c in status)
        {
            flags |= c switch
            {
                'R' => MessageFlags.Seen,
                'A' => MessageFlags.Answered,
                'F' => MessageFlags.Flagged,
                'T' => MessageFlags.Draft,
                'D' => MessageFlags.Deleted,
                _ => MessageFlags.None,
            };
        }

        if (int.TryParse(fields.GetValueOrDefault("x-mozilla-status"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mozilla))
        {
            flags |= ((mozilla & 1) != 0 ? MessageFlags.Seen : 0) | ((mozilla & 2) != 0 ? MessageFlags.Answered : 0)
                | ((mozilla & 4) != 0 ? MessageFlags.Flagged : 0) | ((mozilla & 8) != 0 ? MessageFlags.Deleted : 0)
                | ((mozilla & 0x1000) != 0 ? MessageFlags.Forwarded : 0);
        }

        var words = $"{fields.GetValueOrDefault("x-keywords")} {fields.GetValueOrDefault("x-mozilla-keys")}";
        var found = SourceFlags.Of(flags, words.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));
        return (found.Flags, found.Keywords);
    }

    private void Seek(long position)
    {
        stream.Position = position;
        _start = _end = 0;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, ct);
        return _end > 0;
    }

    /// <summary>A line with its end; a very long one comes in pieces. Null at the end.</summary>
    private async ValueTask<byte[]?> LineAsync(CancellationToken ct)
    {
        MemoryStream? more = null;
        while (true)
        {
            if (_start == _end && !await FillAsync(ct))
            {
                return more?.ToArray();
            }

            var at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var length = at < 0 ? _end - _start : at + 1;
            if (at >= 0 && more is null)
            {
                var line = _buffer.AsSpan(_start, length).ToArray();
                _start += length;
                return line;
            }

            more ??= new MemoryStream();
            more.Write(_buffer.AsSpan(_start, length));
            _start += length;
            if (at >= 0 || more.Length >= MaxHeaderLine)
            {
                return more.ToArray();
            }
        }
    }
}
