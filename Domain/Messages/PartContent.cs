using System.Text;
using MimeKit;
using MimeKit.IO;
using MimeKit.IO.Filters;
using MimeKit.Utils;

namespace SaaS.Domain.Messages;

/// <summary>The bytes of a part, cut out of the raw message by its place and decoded as they stream.</summary>
public static class PartContent
{
    /// <summary>
    /// The part's body, decoded from its transfer encoding. <paramref name="raw"/> stands at its start or can seek; it is read forward only
    /// and stays the caller's.
    /// </summary>
    public static Stream Open(Stream raw, BodyPart part) => Decode(new SliceStream(raw, part.BodyOffset, part.BodySize), part);

    /// <summary>The encoding that a charset names; UTF-8 where it names none that is known.</summary>
    public static Encoding EncodingOf(string? charset)
    {
        if (string.IsNullOrWhiteSpace(charset))
        {
            return Encoding.UTF8;
        }

        try
        {
            // us-ascii is what senders say that did not think about it.
            var name = charset.Trim(' ', '"', '\'');
            return name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8 : CharsetOf(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // Unknown, or UTF-7, which the runtime refuses: it hides markup from whoever looks for it.
            return Encoding.UTF8;
        }
    }

    /// <summary>Text of the part's decoded bytes; those that claim or lack UTF-8 and are not are taken as Windows-1252.</summary>
    public static string DecodeText(ReadOnlySpan<byte> bytes, string? charset)
    {
        var encoding = EncodingOf(charset);
        if (encoding.CodePage == Encoding.UTF8.CodePage && !System.Text.Unicode.Utf8.IsValid(TrimPartial(bytes)))
        {
            encoding = CharsetOf("windows-1252");
        }

        return encoding.GetString(bytes).Replace("\0", "", StringComparison.Ordinal);
    }

    private static Encoding CharsetOf(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding(name);
    }

    /// <summary>Without a character that the cut at the end may have split.</summary>
    private static ReadOnlySpan<byte> TrimPartial(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var b = bytes[^back];
            if ((b & 0xC0) == 0xC0)
            {
                return bytes[..^back];
            }

            if ((b & 0x80) == 0)
            {
                break;
            }
        }

        return bytes;
    }

    private static Stream Decode(Stream slice, BodyPart part)
    {
        if (!MimeUtils.TryParse(part.Encoding, out ContentEncoding encoding)
            || encoding is ContentEncoding.SevenBit or ContentEncoding.EightBit or ContentEncoding.Binary or ContentEncoding.Default)
        {
            return slice;
        }

        var filtered = new FilteredStream(slice);
        filtered.Add(DecoderFilter.Create(encoding));
        return filtered;
    }

    /// <summary>A window on a stream that may only go forward.</summary>
    private sealed class SliceStream(Stream inner, long start, long length) : Stream
    {
        private long _left = -1;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;

        public override long Position
        {
            get => length - Math.Max(0, _left);
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_left < 0)
            {
                Skip();
            }

            var read = _left == 0 ? 0 : inner.Read(buffer, offset, (int)Math.Min(count, _left));
            _left = read == 0 ? 0 : _left - read;
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left < 0)
            {
                Skip();
            }

            var read = _left == 0 ? 0 : await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left = read == 0 ? 0 : _left - read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void Skip()
        {
            _left = length;
            if (inner.CanSeek)
            {
                inner.Position = start;
                return;
            }

            var buffer = new byte[8192];
            for (var skip = start; skip > 0;)
            {
                var read = inner.Read(buffer, 0, (int)Math.Min(skip, buffer.Length));
                if (read == 0)
                {
                    _left = 0;
                    return;
                }

                skip -= read;
            }
        }
    }
}
