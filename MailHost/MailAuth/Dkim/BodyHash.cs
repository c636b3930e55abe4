using System.Security.Cryptography;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>The hash of a body in one canonicalization, fed block by block: memory does not grow with the message.</summary>
/// <remarks>RFC 6376 §3.4.3, §3.4.4; l= §3.4.5.</remarks>
internal sealed class BodyHash(bool relaxed, long? limit) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _output = new byte[16 * 1024];
    private int _buffered;
    private long _hashed;
    private long _lines;
    private bool _space;
    private bool _any;
    private bool _cr;

    /// <summary>Octets of the canonical body, whatever the limit.</summary>
    public long Length { get; private set; }

    /// <summary>Several at once over one reading of the body.</summary>
    public static void Read(MessageBytes message, long bodyStart, IReadOnlyCollection<BodyHash> hashes)
    {
        if (message.Memory is { } memory)
        {
            foreach (var hash in hashes)
            {
                hash.Add(memory.Span[(int)Math.Min(bodyStart, memory.Length)..]);
            }

            return;
        }

        using var stream = message.OpenRead();
        stream.Position = bodyStart;
        var block = new byte[64 * 1024];
        for (int n; (n = stream.Read(block)) > 0;)
        {
            foreach (var hash in hashes)
            {
                hash.Add(block.AsSpan(0, n));
            }
        }
    }

    public void Add(ReadOnlySpan<byte> block)
    {
        foreach (var b in block)
        {
            if (_cr)
            {
                _cr = false;
                if (b == '\n')
                {
                    _lines++;
                    _space = false;
                    continue;
                }

                Text((byte)'\r');
            }

            switch (b)
            {
                case (byte)'\r':
                    _cr = true;
                    break;
                case (byte)' ' or (byte)'\t' when relaxed:
                    _space = true;
                    break;
                default:
                    Text(b);
                    break;
            }
        }
    }

    public byte[] Finish()
    {
        if (_cr)
        {
            _cr = false;
            Text((byte)'\r');
        }

        // An empty body is CRLF where simple, nothing where relaxed.
        if (_any || !relaxed)
        {
            Emit((byte)'\r');
            Emit((byte)'\n');
        }

        _hash.AppendData(_output, 0, _buffered);
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private void Text(byte b)
    {
        for (; _lines > 0; _lines--)
        {
            Emit((byte)'\r');
            Emit((byte)'\n');
        }

        if (_space)
        {
            _space = false;
            Emit((byte)' ');
        }

        _any = true;
        Emit(b);
    }

    private void Emit(byte b)
    {
        Length++;
        if (_hashed >= limit)
        {
            return;
        }

        _hashed++;
        if (_buffered == _output.Length)
        {
            _hash.AppendData(_output, 0, _buffered);
            _buffered = 0;
        }

        _output[_buffered++] = b;
    }
}
