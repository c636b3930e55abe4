using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace SaaS.MailHost.Imap.Wire;

/// <summary>
/// Writes responses straight into the connection's own buffer. Holds no buffer between commands. Strings choose their own form
/// (quoted or literal), so that no value can break out of its place.
/// </summary>
internal sealed class ImapWriter(PipeWriter pipe)
{
    /// <summary>Octets after which a block goes out.</summary>
    public const int BlockSize = 32 * 1024;

    private PipeWriter _pipe = pipe;
    private Memory<byte> _memory;
    private int _used;
    private int _unflushed;

    /// <summary>True: strings may carry UTF-8 in quotes (IMAP4rev2 or UTF8=ACCEPT enabled, RFC 9051 §4.3).</summary>
    public bool Utf8 { get; set; }

    public bool WantsFlush => _unflushed + _used >= BlockSize;

    /// <summary>All octets ever written.</summary>
    public long Total { get; private set; }

    public void Attach(PipeWriter pipe) => _pipe = pipe;

    /// <summary>At least <paramref name="size"/> octets to fill; follow with <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_memory.Length - _used < size)
        {
            Commit();
            _memory = _pipe.GetMemory(Math.Max(size, 2048));
        }

        return _memory.Span[_used..];
    }

    public void Advance(int count) => _used += count;

    public ImapWriter Raw(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var span = Reserve(1);
            var n = Math.Min(span.Length, bytes.Length);
            bytes[..n].CopyTo(span);
            Advance(n);
            bytes = bytes[n..];
        }

        return this;
    }

    /// <summary>Text that is known to be ASCII without line breaks.</summary>
    public ImapWriter Raw(string ascii)
    {
        for (var done = 0; done < ascii.Length;)
        {
            var count = Math.Min(1024, ascii.Length - done);
            var span = Reserve(count);
            for (var i = 0; i < count; i++)
            {
                var c = ascii[done + i];
                span[i] = c is >= ' ' and <= '~' ? (byte)c : (byte)'?';
            }

            Advance(count);
            done += count;
        }

        return this;
    }

    public ImapWriter Byte(byte b)
    {
        Reserve(1)[0] = b;
        Advance(1);
        return this;
    }

    public ImapWriter Space() => Byte((byte)' ');

    public ImapWriter Number(long n)
    {
        Utf8Formatter.TryFormat(n, Reserve(20), out var written);
        Advance(written);
        return this;
    }

    public ImapWriter Line() => Raw("\r\n"u8);

    /// <summary>string: quoted where that is possible, else a literal.</summary>
    public ImapWriter String(string text)
    {
        if (text.Length <= 1000 && CanQuote(text))
        {
            var span = Reserve((text.Length * 3) + 2);
            var at = 0;
            span[at++] = (byte)'"';
            foreach (var c in text)
            {
                if (c is '"' or '\\')
                {
                    span[at++] = (byte)'\\';
                }

                if (c >= 0x80)
                {
                    // Rare: the whole again, as UTF-8.
                    return QuotedUtf8(text);
                }

                span[at++] = (byte)c;
            }

            span[at++] = (byte)'"';
            Advance(at);
            return this;
        }

        return Literal(Encoding.UTF8.GetBytes(text.Replace('\0', ' ')));
    }

    /// <summary>string of octets that came from a message.</summary>
    public ImapWriter String(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 1000 || bytes.IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0)
        {
            return Literal(bytes);
        }

        var span = Reserve((bytes.Length * 2) + 2);
        var at = 0;
        span[at++] = (byte)'"';
        if (bytes.IndexOfAny((byte)'"', (byte)'\\') < 0)
        {
            bytes.CopyTo(span[at..]);
            at += bytes.Length;
        }
        else
        {
            foreach (var b in bytes)
            {
                if (b is (byte)'"' or (byte)'\\')
                {
                    span[at++] = (byte)'\\';
                }

                span[at++] = b;
            }
        }

        span[at++] = (byte)'"';
        Advance(at);
        return this;
    }

    // nstring = string / nil
    public ImapWriter NString(string? text) => text is null ? Raw("NIL"u8) : String(text);

    public ImapWriter Literal(ReadOnlySpan<byte> bytes) => LiteralHeader(bytes.Length).Raw(bytes);

    public ImapWriter LiteralHeader(long size) => Byte((byte)'{').Number(size).Raw("}\r\n"u8);

    /// <summary>A mailbox name: modified UTF-7 for IMAP4rev1, UTF-8 for rev2.</summary>
    public ImapWriter Mailbox(string name)
    {
        var text = Utf8 ? name : ModifiedUtf7.Encode(name);
        return IsPlain(text) ? Raw(text) : String(text);
    }

    // date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    public ImapWriter DateTime(DateTimeOffset at)
    {
        var span = Reserve(28);
        span[0] = (byte)'"';
        WriteDate(span[1..], at);
        var minutes = (int)at.Offset.TotalMinutes;
        span[21] = (byte)' ';
        span[22] = minutes < 0 ? (byte)'-' : (byte)'+';
        Two(span[23..], Math.Abs(minutes) / 60);
        Two(span[25..], Math.Abs(minutes) % 60);
        span[27] = (byte)'"';
        Advance(28);
        return this;
    }

    /// <summary>UTC time in seconds since 1970.</summary>
    public ImapWriter DateTime(long unixSeconds) => DateTime(DateTimeOffset.FromUnixTimeSeconds(unixSeconds));

    public ValueTask FlushIfLargeAsync(CancellationToken ct) => WantsFlush ? FlushAsync(ct) : ValueTask.CompletedTask;

    public ValueTask FlushAsync(CancellationToken ct)
    {
        Commit();
        if (_unflushed == 0)
        {
            return ValueTask.CompletedTask;
        }

        _unflushed = 0;
        return AwaitAsync(_pipe.FlushAsync(ct));
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> flush)
    {
        if ((await flush).IsCompleted)
        {
            throw new IOException("The client has gone.");
        }
    }

    private void Commit()
    {
        if (_used > 0)
        {
            _pipe.Advance(_used);
            _unflushed += _used;
            Total += _used;
            _used = 0;
        }

        _memory = default;
    }

    private bool CanQuote(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or '\x7f' || (c >= 0x80 && !Utf8))
            {
                return false;
            }
        }

        return true;
    }

    private ImapWriter QuotedUtf8(string text)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return Byte((byte)'"').Raw(Encoding.UTF8.GetBytes(escaped)).Byte((byte)'"');
    }

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || text.Equals("NIL", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!(char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or '&' or ','))
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteDate(Span<byte> span, DateTimeOffset at)
    {
        Two(span, at.Day);
        span[2] = (byte)'-';
        var months = "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
        months.Slice((at.Month - 1) * 3, 3).CopyTo(span[3..]);
        span[6] = (byte)'-';
        Two(span[7..], at.Year / 100);
        Two(span[9..], at.Year % 100);
        span[11] = (byte)' ';
        Two(span[12..], at.Hour);
        span[14] = (byte)':';
        Two(span[15..], at.Minute);
        span[17] = (byte)':';
        Two(span[18..], at.Second);
    }

    private static void Two(Span<byte> span, int n)
    {
        span[0] = (byte)('0' + (n / 10));
        span[1] = (byte)('0' + (n % 10));
    }

    /// <summary>For log and tests.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"ImapWriter({Total})");
}
