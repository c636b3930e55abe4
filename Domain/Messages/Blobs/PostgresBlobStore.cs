using System.Buffers;
using System.Security.Cryptography;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Blobs;

/// <summary>Blobs as rows of 256 KB, so that neither side ever holds more than one of them.</summary>
public sealed class PostgresBlobStore(NpgsqlDataSource source, TimeProvider clock) : IBlobStore
{
    private const int ChunkSize = 256 * 1024;

    public async Task<byte[]> PutAsync(TenantId tenant, MessageBytes bytes, CancellationToken ct)
    {
        byte[] hash;
        await using (var stream = bytes.OpenRead())
        {
            hash = await SHA256.HashDataAsync(stream, ct);
        }

        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // Two writers of one blob: the second waits here and then finds it whole. A condemned one is pardoned.
        await using (var insert = new NpgsqlCommand("""
            INSERT INTO blob (tenant_id, hash, size, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, hash) DO UPDATE SET condemned_at = NULL RETURNING xmax = 0
            """, connection))
        {
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = bytes.Length });
            insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            if (await insert.ExecuteScalarAsync(ct) is true)
            {
                await WriteChunksAsync(connection, tenant, hash, bytes, ct);
            }
        }

        await transaction.CommitAsync(ct);
        return hash;
    }

    public async Task<Stream?> OpenAsync(TenantId tenant, byte[] hash, CancellationToken ct)
    {
        // The beginning comes along: nearly everybody reads it.
        await using var command = source.CreateCommand("""
            SELECT b.size, c.data FROM blob b LEFT JOIN blob_chunk c ON c.tenant_id = b.tenant_id AND c.hash = b.hash AND c.number = 0
            WHERE b.tenant_id = $1 AND b.hash = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new ChunkStream(source, tenant, hash, reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1))
            : null;
    }

    public async Task DeleteAsync(TenantId tenant, byte[] hash, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])["DELETE FROM blob WHERE tenant_id = $1 AND hash = $2", "DELETE FROM blob_chunk WHERE tenant_id = $1 AND hash = $2"])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(ct);
    }

    private static async Task WriteChunksAsync(
        NpgsqlConnection connection, TenantId tenant, byte[] hash, MessageBytes bytes, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            await using var stream = bytes.OpenRead();
            for (var number = 0; ; number++)
            {
                var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, ChunkSize), ChunkSize, throwOnEndOfStream: false, ct);
                if (read == 0)
                {
                    return;
                }

                await using var insert = new NpgsqlCommand(
                    "INSERT INTO blob_chunk (tenant_id, hash, number, data) VALUES ($1, $2, $3, $4)", connection);
                insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
                insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
                insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
                insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Zstd.Compress(buffer.AsSpan(0, read)) });
                await insert.ExecuteNonQueryAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a few chunks at a time and can seek, so that a byte range of a large message costs only its chunks.</summary>
    private sealed class ChunkStream(NpgsqlDataSource source, TenantId tenant, byte[] hash, long size, byte[]? first) : Stream
    {
        /// <summary>Chunks of one read: they wait packed, at most a megabyte.</summary>
        private const int Ahead = 4;

        private readonly Dictionary<long, byte[]> _packed = first is null ? [] : new() { [0] = first };
        private byte[] _chunk = [];
        private long _number = -1;

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => size;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (Position >= size)
            {
                return 0;
            }

            if (Position / ChunkSize != _number)
            {
                if (!_packed.ContainsKey(Position / ChunkSize))
                {
                    using var command = Command();
                    using var reader = command.ExecuteReader();
                    while (reader.Read())
                    {
                        _packed[reader.GetInt32(0)] = reader.GetFieldValue<byte[]>(1);
                    }
                }

                Take();
            }

            return Copy(buffer);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= size)
            {
                return 0;
            }

            if (Position / ChunkSize != _number)
            {
                if (!_packed.ContainsKey(Position / ChunkSize))
                {
                    await using var command = Command();
                    await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                    while (await reader.ReadAsync(cancellationToken))
                    {
                        _packed[reader.GetInt32(0)] = reader.GetFieldValue<byte[]>(1);
                    }
                }

                Take();
            }

            return Copy(buffer.Span);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => size + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private NpgsqlCommand Command()
        {
            // Whoever went elsewhere than to the next does not read on, more likely than not.
            var number = (int)(Position / ChunkSize);
            var last = number == _number + 1 ? number + Ahead - 1 : number;
            _packed.Clear();
            var command = source.CreateCommand(
                "SELECT number, data FROM blob_chunk WHERE tenant_id = $1 AND hash = $2 AND number BETWEEN $3 AND $4");
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = last });
            return command;
        }

        private void Take()
        {
            var number = Position / ChunkSize;
            _chunk = Zstd.Decompress(_packed.Remove(number, out var packed) ? packed : throw new InvalidDataException("A chunk of a blob is missing."));
            _number = number;
        }

        private int Copy(Span<byte> buffer)
        {
            var at = (int)(Position % ChunkSize);
            var n = Math.Min(buffer.Length, _chunk.Length - at);
            _chunk.AsSpan(at, n).CopyTo(buffer);
            Position += n;
            return n;
        }
    }
}
