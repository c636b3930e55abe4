using System.Buffers;
using Npgsql;

namespace SaaS.Domain.Messages;

/// <summary>Parts of the contents of many messages as they are stored, in one rented block of memory. Dispose it: it is large.</summary>
public sealed class ContentPage : IDisposable
{
    private readonly List<long> _ids = [];
    private readonly List<(int Offset, int Length)> _fields = [];
    private readonly ContentColumns _columns;
    private readonly int _perRow;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(32 * 1024);
    private int _used;
    private int _last = -1;

    internal ContentPage(ContentColumns columns)
    {
        _columns = columns;
        _perRow = System.Numerics.BitOperations.PopCount((uint)columns);
    }

    /// <summary>Makes it the one that <see cref="Field"/> is of; false where it has gone.</summary>
    public bool Find(long content)
    {
        // Most callers go through them in their order.
        if (_last + 1 < _ids.Count && _ids[_last + 1] == content)
        {
            _last++;
            return true;
        }

        var at = _ids.BinarySearch(content);
        _last = at >= 0 ? at : _last;
        return at >= 0;
    }

    /// <summary>One column of it: JSON for envelope and structure, UTF-8 for the preview, zstd for the header.</summary>
    public ReadOnlySpan<byte> Field(ContentColumns column)
    {
        var before = System.Numerics.BitOperations.PopCount((uint)_columns & ((uint)column - 1));
        var (offset, length) = _fields[(_last * _perRow) + before];
        return _bytes.AsSpan(offset, length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    internal void Add(CopyRows row)
    {
        _ids.Add(row.Int64(0));
        for (var i = 1; i <= _perRow; i++)
        {
            Add(row.Bytes(i));
        }
    }

    internal void Add(NpgsqlDataReader row)
    {
        _ids.Add(row.GetInt64(0));
        for (var i = 1; i <= _perRow; i++)
        {
            Add(row.GetFieldValue<byte[]>(i));
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _used + bytes.Length));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        bytes.CopyTo(_bytes.AsSpan(_used));
        _fields.Add((_used, bytes.Length));
        _used += bytes.Length;
    }
}
