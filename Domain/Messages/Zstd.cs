using ZstdSharp;

namespace SaaS.Domain.Messages;

/// <summary>zstd with contexts kept per thread: making one costs more than a small message.</summary>
public static class Zstd
{
    [ThreadStatic]
    private static Compressor? _compressor;

    [ThreadStatic]
    private static Decompressor? _decompressor;

    public static byte[] Compress(ReadOnlySpan<byte> bytes) => (_compressor ??= new Compressor(1)).Wrap(bytes).ToArray();

    /// <summary>For what we compressed ourselves: the size that the frame names is trusted.</summary>
    public static byte[] Decompress(ReadOnlySpan<byte> bytes) => (_decompressor ??= new Decompressor()).Unwrap(bytes).ToArray();

    /// <summary>Two frames, one behind the other.</summary>
    public static byte[] Decompress(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var size = (int)Decompressor.GetDecompressedSize(first);
        var both = new byte[size + (int)Decompressor.GetDecompressedSize(second)];
        _decompressor ??= new Decompressor();
        _decompressor.Unwrap(first, both.AsSpan(0, size));
        _decompressor.Unwrap(second, both.AsSpan(size));
        return both;
    }
}
