using System.Security.Cryptography;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Moves;

/// <summary>A message on its way from a source: to CRLF line ends, which the store and all protocols count on, and with the digest of what is stored.</summary>
internal sealed class IncomingBytes(string spool) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte _last;

    public MessageBytes Bytes { get; } = new(spool);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var at = bytes.IndexOf((byte)'\n');
            if (at < 0)
            {
                Put(bytes);
                _last = bytes[^1];
                return;
            }

            var before = at > 0 ? bytes[at - 1] : _last;
            Put(bytes[..at]);
            Put(before == '\r' ? "\n"u8 : "\r\n"u8);
            _last = (byte)'\n';
            bytes = bytes[(at + 1)..];
        }
    }

    public async Task CopyAsync(Stream from, CancellationToken ct)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ct)) > 0)
            {
                Write(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>SHA-256 of all that was written.</summary>
    public byte[] Digest() => _hash.GetHashAndReset();

    public void Dispose()
    {
        _hash.Dispose();
        Bytes.Dispose();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            Bytes.Write(bytes);
            _hash.AppendData(bytes);
        }
    }
}
