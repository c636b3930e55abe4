using System.Text.Json;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

public sealed partial class MessageStore
{
    /// <summary>The rows by mailbox and UID.</summary>
    public async Task<IReadOnlyList<MessageRow>> RowsAsync(AccountId account, MessageSelection which, CancellationToken ct)
    {
        var (select, selection) = Select(which);
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand($"SELECT {RowColumns} FROM ({select}) AS p ORDER BY mailbox_id, uid", connection);
        command.Parameters.Add(Bigint(account.Value));
        foreach (var parameter in selection)
        {
            command.Parameters.Add(parameter);
        }

        var rows = new List<MessageRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    /// <summary>What a POP3 session keeps of a mailbox, by UID; nothing else is read. At most <paramref name="max"/>, the oldest.</summary>
    public async Task<IReadOnlyList<DropEntry>> DropAsync(AccountId account, MailboxId mailbox, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT uid, id, content_id, size FROM message WHERE account_id = $1 AND mailbox_id = $2 ORDER BY uid LIMIT $3", connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(mailbox.Value));
        command.Parameters.Add(Int(max));
        var entries = new List<DropEntry>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new DropEntry(
                new Uid((uint)reader.GetInt64(0)), new MessageId(reader.GetInt64(1)), new ContentId(reader.GetInt64(2)), reader.GetInt32(3)));
        }

        return entries;
    }

    /// <summary>What was parsed at delivery, of many at once.</summary>
    public async Task<IReadOnlyDictionary<ContentId, ContentRow>> ContentsAsync(
        AccountId account, IReadOnlyCollection<ContentId> ids, CancellationToken ct)
    {
        var rows = new Dictionary<ContentId, ContentRow>(ids.Count);
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT id, size, header_size, envelope, structure, preview, has_attachment, sent_at FROM message_content
            WHERE account_id = $1 AND id = ANY($2)
            """, connection);
        AddIds(command, account, ids);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var id = new ContentId(reader.GetInt64(0));
            rows[id] = new ContentRow(
                id,
                reader.GetInt32(1),
                reader.GetInt32(2),
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(3), MessageJson.Default.MessageEnvelope)!,
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(4), MessageJson.Default.BodyPart)!,
                reader.GetString(5),
                reader.GetBoolean(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
        }

        return rows;
    }

    /// <summary>The whole message as it was received; null when there is none. Large ones stream from the blob store.</summary>
    public async Task<Stream?> OpenRawAsync(AccountId account, ContentId content, CancellationToken ct)
    {
        StoredBytes stored;
        long tenant;
        await using (var connection = await database.OpenAsync(account, ct))
        {
            await using var command = new NpgsqlCommand("""
                SELECT c.header, c.body, c.blob_hash, c.blob_body_offset, s.tenant_id
                FROM message_content c JOIN account_state s ON s.account_id = c.account_id WHERE c.account_id = $1 AND c.id = $2
                """, connection);
            command.Parameters.Add(Bigint(account.Value));
            command.Parameters.Add(Bigint(content.Value));
            await using var reader = await command.ExecuteReaderAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                return null;
            }

            stored = new StoredBytes(
                reader.GetFieldValue<byte[]>(0),
                reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
                reader.GetInt32(3));
            tenant = reader.GetInt64(4);
        }

        return await OpenRawAsync(new TenantId(tenant), stored, ct);
    }

    /// <summary>The whole message from what its row has and, where that is not all, from the tenant's blobs.</summary>
    public async ValueTask<Stream> OpenRawAsync(TenantId tenant, StoredBytes stored, CancellationToken ct)
    {
        if (stored.Body is { } body)
        {
            return new MemoryStream(Zstd.Decompress(stored.Header, body), writable: false);
        }

        var blob = await blobs.OpenAsync(tenant, stored.BlobHash!, ct)
            ?? throw new InvalidDataException($"The blob {Convert.ToHexStringLower(stored.BlobHash!)} of tenant {tenant} is missing.");
        await SkipAsync(blob, stored.BlobBodyOffset, ct);
        return new JoinedStream(Zstd.Decompress(stored.Header), blob);
    }

    /// <summary>The header block of each, blank line included.</summary>
    public async Task<IReadOnlyDictionary<ContentId, byte[]>> HeadersAsync(
        AccountId account, IReadOnlyCollection<ContentId> ids, CancellationToken ct)
    {
        var headers = new Dictionary<ContentId, byte[]>(ids.Count);
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT id, header FROM message_content WHERE account_id = $1 AND id = ANY($2)", connection);
        AddIds(command, account, ids);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            headers[new ContentId(reader.GetInt64(0))] = Zstd.Decompress(reader.GetFieldValue<byte[]>(1));
        }

        return headers;
    }

    private static void AddIds(NpgsqlCommand command, AccountId account, IReadOnlyCollection<ContentId> ids)
    {
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(new NpgsqlParameter { Value = ids.Select(i => i.Value).ToArray(), NpgsqlDbType = BigintArray });
    }

    private static async Task SkipAsync(Stream stream, int count, CancellationToken ct)
    {
        if (stream.CanSeek)
        {
            stream.Seek(count, SeekOrigin.Current);
            return;
        }

        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (count > 0)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(count, buffer.Length)), ct);
                if (read == 0)
                {
                    throw new EndOfStreamException();
                }

                count -= read;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
