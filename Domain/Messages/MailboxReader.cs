using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>Which parts of a message's content a bulk read brings along.</summary>
[Flags]
public enum ContentColumns
{
    None = 0,
    Envelope = 1,
    Structure = 2,
    Preview = 4,
    Header = 8,
    /// <summary>Where the message's octets are; those that stand in the row come along.</summary>
    Raw = 16,
}

/// <summary>A message with the asked-for parts of its content; what was not asked for is null.</summary>
/// <param name="Row">Its narrow facts.</param>
/// <param name="Envelope"><see cref="MessageEnvelope"/> as the JSON that is stored: lists of thousands write it out without making objects of it.</param>
/// <param name="Structure">The parts.</param>
/// <param name="Preview">The first words.</param>
/// <param name="Header">The header block.</param>
/// <param name="Raw">The message as it is stored.</param>
public sealed record ReadMessage(
    MessageRow Row, byte[]? Envelope, BodyPart? Structure, string? Preview, byte[]? Header, StoredBytes? Raw = null);

/// <summary>The octets of a message as its row has them, packed: not above 128 KB but for a long header.</summary>
/// <param name="Header">Header block, zstd.</param>
/// <param name="Body">What is behind it, zstd; null when the message stands in the blob store.</param>
/// <param name="BlobHash">Key of the blob.</param>
/// <param name="BlobBodyOffset">Where the body starts in the blob.</param>
public sealed record StoredBytes(byte[] Header, byte[]? Body, byte[]? BlobHash, int BlobBodyOffset);

/// <summary>
/// Bulk reads of one mailbox for the protocols that list it. Each is one statement, and so one consistent view, and is read to its end before
/// it returns: nobody holds a connection while a slow client is written to.
/// </summary>
public sealed partial class MailboxReader(MailDatabase database, MessageStore store)
{
    /// <summary>HIGHESTMODSEQ of the mailbox; null when it is gone.</summary>
    public async Task<ModSeq?> HighestModSeqAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("SELECT highest_mod_seq FROM mailbox WHERE account_id = $1 AND id = $2", connection);
        AddKey(command, account, mailbox);
        return await command.ExecuteScalarAsync(ct) is long highest ? new ModSeq(highest) : null;
    }

    /// <summary>Sum of the sizes of messages with \Deleted.</summary>
    public async Task<long> DeletedBytesAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(sum(size), 0)::bigint FROM message WHERE account_id = $1 AND mailbox_id = $2 AND flags & 8 <> 0", connection);
        AddKey(command, account, mailbox);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Every message's narrow facts.</summary>
    public async Task<MailboxIndex> ReadIndexAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        // First the modseq, then the rows: what changes between the two is read again by whoever brings the index up to date.
        var through = await store.ModSeqAsync(account, ct);
        await using var connection = await database.OpenAsync(account, ct);
        await using var rows = await CopyRows.OpenAsync(connection, $"""
            SELECT uid, mod_seq, flags, size, internal_date, content_id, array_to_string(keywords, ' ') FROM message
            WHERE account_id = {account.Value} AND mailbox_id = {mailbox.Value} ORDER BY uid
            """, 7, ct);
        var builder = new MailboxIndex.Builder();
        while (await rows.ReadAsync(ct))
        {
            builder.Add(
                (uint)rows.Int64(0), rows.Int64(1), rows.Int32(2), rows.Int32(3), rows.UnixSeconds(4), rows.Int64(5),
                rows.Bytes(6).IsEmpty ? null : rows.Text(6).Split(' '));
        }

        return builder.Build(through);
    }

    /// <summary>The index brought up to date, in one round trip; null where too much was forgotten since, or the mailbox.</summary>
    public async Task<MailboxIndex?> ReadIndexChangesAsync(AccountId account, MailboxId mailbox, MailboxIndex known, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        var state = new NpgsqlBatchCommand("""
            SELECT s.mod_seq, s.tombstones_from FROM account_state s
            WHERE s.account_id = $1 AND EXISTS (SELECT FROM mailbox b WHERE b.account_id = $1 AND b.id = $2)
            """);
        var news = new NpgsqlBatchCommand("""
            SELECT uid, mod_seq, flags, size, internal_date, content_id, keywords FROM message
            WHERE account_id = $1 AND mailbox_id = $2 AND mod_seq > $3
            UNION ALL
            SELECT uid, mod_seq, NULL, NULL, NULL, NULL, NULL FROM message_tombstone WHERE account_id = $1 AND mailbox_id = $2 AND mod_seq > $3
            ORDER BY uid
            """);
        foreach (var command in (NpgsqlBatchCommand[])[state, news])
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
            batch.BatchCommands.Add(command);
        }

        news.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known.Through.Value });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct) || known.Through.Value < reader.GetInt64(1))
        {
            return null;
        }

        var through = new ModSeq(reader.GetInt64(0));
        await reader.NextResultAsync(ct);
        var rows = new List<MailboxIndex.Row>();
        var gone = new List<uint>();
        while (await reader.ReadAsync(ct))
        {
            var uid = (uint)reader.GetInt64(0);
            if (reader.IsDBNull(2))
            {
                gone.Add(uid);
                continue;
            }

            rows.Add(new MailboxIndex.Row(
                uid, reader.GetInt64(1), reader.GetInt32(2), reader.GetInt32(3),
                (reader.GetDateTime(4).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond, reader.GetInt64(5),
                reader.IsDBNull(6) || reader.GetFieldValue<string[]>(6) is not { Length: > 0 } keywords ? null : keywords));
        }

        return known.With(rows, gone, through);
    }

    /// <summary>
    /// UIDs that a client knows who looked at the mailbox when its next UID and modseq were these: those that are still there and those that
    /// went since, ascending. At most the last <paramref name="limit"/>.
    /// </summary>
    public async Task<uint[]> KnownUidsAsync(
        AccountId account, MailboxId mailbox, uint below, ModSeq since, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT array_agg(uid) FROM (
              SELECT uid FROM (
                (SELECT uid FROM message WHERE account_id = $1 AND mailbox_id = $2 AND uid < $3 ORDER BY uid DESC LIMIT $5)
                UNION ALL
                (SELECT uid FROM message_tombstone WHERE account_id = $1 AND mailbox_id = $2 AND uid < $3 AND mod_seq > $4)
              ) AS u ORDER BY uid DESC LIMIT $5
            ) AS known
            """, connection);
        AddKey(command, account, mailbox);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = below });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = since.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct) || reader.IsDBNull(0))
        {
            return [];
        }

        var uids = System.Array.ConvertAll(reader.GetFieldValue<long[]>(0), u => (uint)u);
        System.Array.Reverse(uids);
        return uids;
    }

    /// <summary>Messages with UIDs from <paramref name="first"/> to <paramref name="last"/>, ascending, at most <paramref name="limit"/>.</summary>
    public Task<List<ReadMessage>> ReadAsync(
        AccountId account, MailboxId mailbox, uint first, uint last, int limit, ContentColumns columns, CancellationToken ct) =>
        ReadAsync(account, mailbox, columns, "m.uid BETWEEN $3 AND $4 ORDER BY m.uid LIMIT $5", ct,
            new NpgsqlParameter<long> { TypedValue = first }, new NpgsqlParameter<long> { TypedValue = last },
            new NpgsqlParameter<int> { TypedValue = limit });

    /// <summary>Messages with these UIDs, ascending.</summary>
    public Task<List<ReadMessage>> ReadAsync(
        AccountId account, MailboxId mailbox, IReadOnlyList<uint> uids, ContentColumns columns, CancellationToken ct) =>
        ReadAsync(account, mailbox, columns, "m.uid = ANY($3) ORDER BY m.uid", ct, Array(uids));

    private async Task<List<ReadMessage>> ReadAsync(
        AccountId account, MailboxId mailbox, ContentColumns columns, string where, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        var sql = new System.Text.StringBuilder(
            "SELECT m.id, m.uid, m.mod_seq, m.content_id, m.thread_id, m.flags, m.keywords, m.internal_date, m.saved_at, m.size");
        sql.Append(columns.HasFlag(ContentColumns.Envelope) ? ", c.envelope" : ", NULL");
        sql.Append(columns.HasFlag(ContentColumns.Structure) ? ", c.structure" : ", NULL");
        sql.Append(columns.HasFlag(ContentColumns.Preview) ? ", c.preview" : ", NULL");
        sql.Append(columns.HasFlag(ContentColumns.Header) || columns.HasFlag(ContentColumns.Raw) ? ", c.header" : ", NULL");
        sql.Append(columns.HasFlag(ContentColumns.Raw) ? ", c.body, c.blob_hash, c.blob_body_offset" : "");
        sql.Append(" FROM message m");
        if (columns != ContentColumns.None)
        {
            sql.Append(" JOIN message_content c ON c.account_id = m.account_id AND c.id = m.content_id");
        }

        sql.Append(" WHERE m.account_id = $1 AND m.mailbox_id = $2 AND ").Append(where);
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(sql.ToString(), connection);
        AddKey(command, account, mailbox);
        command.Parameters.AddRange(parameters);
        var messages = new List<ReadMessage>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = new MessageRow(
                new MessageId(reader.GetInt64(0)),
                mailbox,
                new Uid((uint)reader.GetInt64(1)),
                new ModSeq(reader.GetInt64(2)),
                new ContentId(reader.GetInt64(3)),
                new ThreadId(reader.GetInt64(4)),
                (MessageFlags)reader.GetInt32(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<string[]>(6),
                reader.GetFieldValue<DateTime>(7),
                reader.GetFieldValue<DateTime>(8),
                reader.GetInt32(9));
            messages.Add(new ReadMessage(
                row,
                columns.HasFlag(ContentColumns.Envelope) ? reader.GetFieldValue<byte[]>(10) : null,
                columns.HasFlag(ContentColumns.Structure)
                    ? JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(11), MessageJson.Default.BodyPart) : null,
                columns.HasFlag(ContentColumns.Preview) ? reader.GetString(12) : null,
                columns.HasFlag(ContentColumns.Header) ? Zstd.Decompress(reader.GetFieldValue<byte[]>(13)) : null,
                !columns.HasFlag(ContentColumns.Raw) ? null : new StoredBytes(
                    reader.GetFieldValue<byte[]>(13),
                    reader.IsDBNull(14) ? null : reader.GetFieldValue<byte[]>(14),
                    reader.IsDBNull(15) ? null : reader.GetFieldValue<byte[]>(15),
                    reader.GetInt32(16))));
        }

        return messages;
    }

    private static void AddKey(NpgsqlCommand command, AccountId account, MailboxId mailbox)
    {
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
    }

    private static NpgsqlParameter Array(IReadOnlyList<uint> uids) =>
        new() { Value = uids.Select(u => (long)u).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
