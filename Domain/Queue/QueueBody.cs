using System.Buffers;
using SaaS.Domain.Messages;
using ZstdSharp;

namespace SaaS.Domain.Queue;

/// <summary>The bytes of a queued message between memory and row.</summary>
internal static class QueueBody
{
    /// <summary>Compressed; null when that takes more than <paramref name="limit"/> octets.</summary>
    public static byte[]? TryCompress(MessageBytes message, ReadOnlySpan<byte> prepend, int limit)
    {
        if (message.Memory is { } memory)
        {
            var whole = ArrayPool<byte>.Shared.Rent(prepend.Length + memory.Length);
            try
            {
                prepend.CopyTo(whole);
                memory.Span.CopyTo(whole.AsSpan(prepend.Length));
                using var compressor = new Compressor(1);
                var compressed = compressor.Wrap(whole.AsSpan(0, prepend.Length + memory.Length));
                return compressed.Length <= limit ? compressed.ToArray() : null;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(whole);
            }
        }

        using var target = new MemoryStream();
        using (var zstd = new CompressionStream(target, 1, leaveOpen: true))
        {
            zstd.Write(prepend);
            using var source = message.OpenRead();
            var block = ArrayPool<byte>.Shared.Rent(64 * 1024);
            try
            {
                for (int n; (n = source.Read(block)) > 0;)
                {
                    zstd.Write(block.AsSpan(0, n));
                    if (target.Length > limit)
                    {
                        return null;
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }

        return target.Length <= limit ? target.ToArray() : null;
    }

    public static MessageBytes Decompress(byte[] raw, int size)
    {
        var message = new MessageBytes();
        try
        {
            using var zstd = new DecompressionStream(new MemoryStream(raw));
            Copy(zstd, message);
            return message.Length == size ? message : throw new InvalidDataException("A queued message has not its size.");
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    public static MessageBytes Join(ReadOnlySpan<byte> prepend, MessageBytes message)
    {
        var whole = new MessageBytes();
        whole.Write(prepend);
        using var source = message.OpenRead();
        Copy(source, whole);
        return whole;
    }

    public static void Copy(Stream source, MessageBytes target)
    {
        var block = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (int n; (n = source.Read(block)) > 0;)
            {
                target.Write(block.AsSpan(0, n));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    public static async Task<MessageBytes> ReadAsync(Stream source, CancellationToken ct)
    {
        var message = new MessageBytes();
        var block = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (int n; (n = await source.ReadAsync(block, ct)) > 0;)
            {
                message.Write(block.AsSpan(0, n));
            }

            return message;
        }
        catch
        {
            await message.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
