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
}
