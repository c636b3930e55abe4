using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;

namespace SaaS.MailHost.Imap.Wire;

internal enum ReadStatus
{
    /// <summary>A whole command stands in <see cref="ImapCommandReader.Text"/>.</summary>
    Command,
    /// <summary>The line ends in a literal: collect it, stream it or drop the command.</summary>
    Literal,
    /// <summary>Somebody called <see cref="ImapCommandReader.Wake"/>; nothing is lost, read on.</summary>
    Woken,
    Closed,
    TooLong,
    /// <summary>A line that ends in a bare LF.</summary>
    BareLineFeed,
}

/// <summary>
/// Collects one complete command, line and literals, from the pipe. It rents a buffer with the first octet of a command and gives it back
/// with <see cref="Release"/>: a connection that waits holds none. Limits are applied before anything is parsed.
/// </summary>
internal sealed class ImapCommandReader(PipeReader input)
{
    private PipeReader _input = input;
    private byte[] _buffer = [];
    private int _length;
    private int _lineStart;
    private int _literalLeft;

    /// <summary>Octets of one line, and of one command with its literals.</summary>
    public int MaxLine { get; set; } = 8 * 1024;
    public int MaxCommand { get; set; } = 8 * 1024;

    public long LiteralSize { get; private set; }

    /// <summary>The client waits for "+" before it sends the octets.</summary>
    public bool LiteralIsSynchronizing { get; private set; }

    /// <summary>What was collected; without the CRLF that ends the command, with the one that ends a literal's header.</summary>
    public ReadOnlySpan<byte> Text => _buffer.AsSpan(0, _length);

    public bool InCommand => _length > 0;

    /// <summary>Whether octets have come that no command has taken yet (they would be plaintext injected before TLS).</summary>
    public bool HasPending
    {
        get
        {
            if (!_input.TryRead(out var result))
            {
                return false;
            }

            var pending = !result.Buffer.IsEmpty;
            _input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
            return pending;
        }
    }

    public void Attach(PipeReader input) => _input = input;

    /// <summary>Makes a waiting <see cref="ReadAsync"/> return; from any thread.</summary>
    public void Wake() => _input.CancelPendingRead();

    public async ValueTask<ReadStatus> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var result = await _input.ReadAsync(ct);
            var buffer = result.Buffer;
            if (result.IsCanceled && buffer.IsEmpty)
            {
                _input.AdvanceTo(buffer.Start);
                return ReadStatus.Woken;
            }

            ReadStatus? status;
            try
            {
                status = Consume(ref buffer);
            }
            finally
            {
                _input.AdvanceTo(buffer.Start);
            }

            if (status is { } done)
            {
                return done;
            }

            if (result.IsCompleted)
            {
                return ReadStatus.Closed;
            }

            if (result.IsCanceled)
            {
                return ReadStatus.Woken;
            }
        }
    }

    /// <summary>Takes the literal that <see cref="ReadStatus.Literal"/> announced into the command; read on afterwards.</summary>
    public void CollectLiteral()
    {
        _literalLeft = (int)LiteralSize;
        Grow(_length + _literalLeft);
        _lineStart = _length + _literalLeft;
    }

    public bool FitsCommand(long literal) => literal <= MaxCommand - _length;

    /// <summary>Passes the literal's octets to <paramref name="sink"/> as they come; what follows it is then read as a line of its own.</summary>
    public async ValueTask<bool> StreamLiteralAsync(Action<ReadOnlySpan<byte>> sink, CancellationToken ct)
    {
        var left = LiteralSize;
        while (left > 0)
        {
            var result = await _input.ReadAsync(ct);
            var buffer = result.Buffer;
            var take = buffer.Slice(0, Math.Min(left, buffer.Length));
            foreach (var segment in take)
            {
                sink(segment.Span);
            }

            left -= take.Length;
            _input.AdvanceTo(take.End);
            if (result.IsCompleted && left > 0)
            {
                return false;
            }
        }

        _length = 0;
        _lineStart = 0;
        return true;
    }

    public void Release()
    {
        if (_buffer.Length > 0)
        {
            // Commands carry passwords.
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = [];
        }

        _length = 0;
        _lineStart = 0;
        _literalLeft = 0;
    }

    private ReadStatus? Consume(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_literalLeft > 0)
            {
                var take = (int)Math.Min(_literalLeft, buffer.Length);
                Append(buffer.Slice(0, take));
                buffer = buffer.Slice(take);
                _literalLeft -= take;
                continue;
            }

            var feed = buffer.PositionOf((byte)'\n');
            var line = feed is { } at ? buffer.Slice(0, buffer.GetPosition(1, at)) : buffer;
            if (line.Length > MaxLine - (_length - _lineStart) || line.Length > MaxCommand - _length)
            {
                return ReadStatus.TooLong;
            }

            Append(line);
            buffer = buffer.Slice(line.End);
            if (feed is not null)
            {
                return EndOfLine();
            }
        }

        return null;
    }

    private ReadStatus EndOfLine()
    {
        if (_length - _lineStart < 2 || _buffer[_length - 2] != '\r')
        {
            _length--;
            return ReadStatus.BareLineFeed;
        }

        // literal = "{" number64 ["+"] "}" CRLF   RFC 9051 §9
        var line = _buffer.AsSpan(_lineStart, _length - _lineStart - 2);
        if (line.Length >= 3 && line[^1] == '}')
        {
            var open = line.LastIndexOf((byte)'{');
            var digits = open < 0 ? default : line[(open + 1)..^1];
            var plus = digits.Length > 0 && digits[^1] == '+';
            if (plus)
            {
                digits = digits[..^1];
            }

            if (digits.Length is > 0 and < 19 && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
                && Utf8Parser.TryParse(digits, out long size, out _))
            {
                LiteralSize = size;
                LiteralIsSynchronizing = !plus;
                return ReadStatus.Literal;
            }
        }

        _length -= 2;
        return ReadStatus.Command;
    }

    private void Append(in ReadOnlySequence<byte> bytes)
    {
        var count = (int)bytes.Length;
        Grow(_length + count);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += count;
    }

    private void Grow(int size)
    {
        if (size <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, Math.Max(256, _buffer.Length * 2)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        }

        _buffer = larger;
    }
}
