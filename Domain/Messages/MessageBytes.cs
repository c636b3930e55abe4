using System.Buffers;

namespace SaaS.Domain.Messages;

/// <summary>
/// A whole message on its way in: in memory while small, in a temporary file above the threshold, so that memory per connection
/// does not grow with message size. Written once, then read any number of times; dispose to give the memory or file back.
/// </summary>
public sealed class MessageBytes : IAsyncDisposable, IDisposable
{
    /// <summary>Octets that stay in memory.</summary>
    public const int MemoryThreshold = 256 * 1024;

    private readonly string _folder;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int _buffered;
    private FileStream? _file;

    /// <param name="folder">Where a large message is spooled; must exist.</param>
    public MessageBytes(string? folder = null) => _folder = folder ?? Path.GetTempPath();

    public static MessageBytes From(ReadOnlySpan<byte> bytes)
    {
        var m = new MessageBytes();
        m.Write(bytes);
        return m;
    }

    public long Length { get; private set; }

    /// <summary>The bytes where they are in memory; null when they were spooled to a file.</summary>
    public ReadOnlyMemory<byte>? Memory => _file is null ? new ReadOnlyMemory<byte>(_buffer, 0, _buffered) : (ReadOnlyMemory<byte>?)null;

    /// <summary>Appends. File writes are small and buffered by the operating system, so this does not need to be asynchronous.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (_file is null)
        {
            if (_buffered + bytes.Length <= MemoryThreshold)
            {
                if (_buffered + bytes.Length > _buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffered + bytes.Length, _buffer.Length * 2));
                    _buffer.AsSpan(0, _buffered).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(_buffer);
                    _buffer = larger;
                }

                bytes.CopyTo(_buffer.AsSpan(_buffered));
                _buffered += bytes.Length;
                return;
            }

            _file = new FileStream(Path.Combine(_folder, Path.GetRandomFileName()), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 64 * 1024,
            });
            _file.Write(_buffer.AsSpan(0, _buffered));
        }

        _file.Write(bytes);
    }

    /// <summary>Reads the whole from its start. Streams are independent; none outlives this object.</summary>
    public Stream OpenRead()
    {
        if (_file is null)
        {
            return new MemoryStream(_buffer, 0, _buffered, writable: false);
        }

        _file.Flush();
        return new FileStream(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _file?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is { } file)
        {
            await file.DisposeAsync();
        }

        Dispose();
    }
}
