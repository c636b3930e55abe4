using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace SaaS.Domain.Messages;

/// <summary>
/// Reads a COPY … TO STDOUT (FORMAT binary) row by row, the fields as they stand in the buffer: for results of thousands of rows, where
/// an object and a conversion a field are most of the time. Its text holds only numbers of ours, since COPY takes no parameters.
/// </summary>
internal sealed class CopyRows : IAsyncDisposable
{
    private const int HeaderSize = 19;

    private readonly NpgsqlRawCopyStream _stream;
    private readonly (int Offset, int Length)[] _fields;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _from;
    private int _to;

    private CopyRows(NpgsqlRawCopyStream stream, int fields)
    {
        _stream = stream;
        _fields = new (int, int)[fields];
    }

    public static async ValueTask<CopyRows> OpenAsync(NpgsqlConnection connection, string select, int fields, CancellationToken ct)
    {
        var rows = new CopyRows(await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT binary)", ct), fields);
        while (rows._to < HeaderSize)
        {
            await rows.FillAsync(ct);
        }

        // "PGCOPY\n\377\r\n\0", flags, and the length of an extension that nobody has defined.
        rows._from = HeaderSize + BinaryPrimitives.ReadInt32BigEndian(rows._buffer.AsSpan(15));
        return rows;
    }

    /// <summary>False behind the last row.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken ct)
    {
        int fields;
        while (!TryRead(out fields))
        {
            await FillAsync(ct);
        }

        return fields >= 0;
    }

    public bool IsNull(int field) => _fields[field].Length < 0;

    /// <summary>Valid until the next row is read.</summary>
    public ReadOnlySpan<byte> Bytes(int field) => _buffer.AsSpan(_fields[field].Offset, Math.Max(0, _fields[field].Length));

    public long Int64(int field) => BinaryPrimitives.ReadInt64BigEndian(Bytes(field));

    public int Int32(int field) => BinaryPrimitives.ReadInt32BigEndian(Bytes(field));

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    /// <summary>Seconds since 1970 of a timestamp with time zone, which is sent as microseconds since 2000.</summary>
    public long UnixSeconds(int field) => Math.DivRem(Int64(field), 1_000_000, out var rest) + (rest < 0 ? -1 : 0) + 946_684_800;

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool TryRead(out int fields)
    {
        fields = 0;
        var at = _from;
        if (_to - at < 2)
        {
            return false;
        }

        fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        at += 2;
        for (var i = 0; i < fields; i++)
        {
            if (_to - at < 4)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += 4;
            if (_to - at < Math.Max(0, length))
            {
                return false;
            }

            _fields[i] = (at, length);
            at += Math.Max(0, length);
        }

        _from = at;
        return true;
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            _to -= _from;
            _from = 0;
        }

        if (_to == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _to).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_to), ct);
        _to += read > 0 ? read : throw new EndOfStreamException("The copy ended within a row.");
    }
}
