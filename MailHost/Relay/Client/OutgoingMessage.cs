using SaaS.Domain.Messages;

namespace SaaS.MailHost.Relay.Client;

/// <summary>A message as it goes on the wire: CRLF only, ending in CRLF, with the header lines that go in front.</summary>
internal sealed class OutgoingMessage : IDisposable
{
    private readonly MessageBytes? _own;

    private OutgoingMessage(MessageBytes bytes, MessageBytes? own, bool has8Bit, bool utf8Header) =>
        (Bytes, _own, Has8Bit, Utf8Header) = (bytes, own, has8Bit, utf8Header);

    public MessageBytes Bytes { get; }

    /// <summary>Signatures; set after the bytes are final.</summary>
    public byte[] Prepend { get; set; } = [];

    public bool Has8Bit { get; }

    /// <summary>The header has octets outside ASCII (RFC 6532).</summary>
    public bool Utf8Header { get; }

    public long Length => Prepend.Length + Bytes.Length;

    /// <summary>Bytes that are canonical already stay what they are; a bare CR or LF becomes CRLF, so that nothing can be smuggled.</summary>
    public static OutgoingMessage Prepare(MessageBytes message)
    {
        var scan = new Scan();
        Each(message, block => scan.Add(block));
        if (scan.Canonical)
        {
            return new OutgoingMessage(message, null, scan.Has8Bit, scan.Utf8Header);
        }

        var copy = new MessageBytes();
        var line = new List<byte>(1024);
        var previous = (byte)0;
        Each(message, block =>
        {
            foreach (var b in block)
            {
                if (b == '\n' || previous == '\r')
                {
                    line.AddRange("\r\n"u8);
                }

                if (b is not ((byte)'\r' or (byte)'\n'))
                {
                    line.Add(b);
                }

                // A CR LF pair is one line end.
                previous = b == '\n' ? (byte)0 : b;
                if (line.Count >= 16 * 1024)
                {
                    copy.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
                    line.Clear();
                }
            }
        });
        if (previous != 0 || message.Length == 0)
        {
            line.AddRange("\r\n"u8);
        }

        copy.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
        return new OutgoingMessage(copy, copy, scan.Has8Bit, scan.Utf8Header);
    }

    public void Dispose() => _own?.Dispose();

    private delegate void Block(ReadOnlySpan<byte> block);

    private static void Each(MessageBytes message, Block each)
    {
        if (message.Memory is { } memory)
        {
            each(memory.Span);
            return;
        }

        using var stream = message.OpenRead();
        var block = new byte[64 * 1024];
        for (int n; (n = stream.Read(block)) > 0;)
        {
            each(block.AsSpan(0, n));
        }
    }

    private sealed class Scan
    {
        private byte _previous;
        private byte _beforeCr;
        private bool _bare;
        private bool _body;
        private bool _any;

        public bool Has8Bit { get; private set; }

        public bool Utf8Header { get; private set; }

        public bool Canonical => _any && !_bare && _previous == '\n';

        public void Add(ReadOnlySpan<byte> block)
        {
            foreach (var b in block)
            {
                _any = true;
                if ((b == '\n') != (_previous == '\r'))
                {
                    _bare = true;
                }

                if (b >= 0x80)
                {
                    Has8Bit = true;
                    Utf8Header |= !_body;
                }

                if (b == '\r')
                {
                    _body |= _previous == '\n' && _beforeCr == '\r';
                }

                _beforeCr = _previous;
                _previous = b;
            }
        }
    }
}
