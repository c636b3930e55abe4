using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sharing;

/// <summary>
/// What a reader keeps of somebody else's mailboxes. It lies with the owner's account, so that a change of it is one transaction of that
/// account and takes one of its modseqs: CONDSTORE then holds for the reader's own \Seen too.
/// </summary>
public sealed class ReaderStates(MailDatabase database, IChangeFeed feed)
{
    public async Task<SeenSet> SeenAsync(AccountId account, MailboxId mailbox, AccountId reader, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT seen FROM reader_state WHERE account_id = $1 AND mailbox_id = $2 AND reader_id = $3", connection);
        AddKey(command.Parameters, account, mailbox, reader);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? new SeenSet(rows.GetFieldValue<NpgsqlRange<long>[]>(0)) : SeenSet.Empty;
    }

    /// <summary>Messages that the reader has not read.</summary>
    public async Task<int> UnseenAsync(AccountId account, MailboxId mailbox, AccountId reader, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT count(*)::int FROM message m
            LEFT JOIN reader_state r ON r.account_id = $1 AND r.mailbox_id = $2 AND r.reader_id = $3
            WHERE m.account_id = $1 AND m.mailbox_id = $2 AND (r.seen @> m.uid) IS NOT TRUE
            """, connection);
        AddKey(command.Parameters, account, mailbox, reader);
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Marks messages as read or unread by this reader. The modseq is 0 where nothing changed.</summary>
    public async Task<ModSeq> ChangeSeenAsync(
        AccountId account, MailboxId mailbox, AccountId reader, IReadOnlyList<Uid> uids, bool seen, CancellationToken ct)
    {
        if (uids.Count == 0)
        {
            return default;
        }

        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        var gate = new NpgsqlBatchCommand("SELECT 1 FROM account_state WHERE account_id = $1 FOR UPDATE");
        gate.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        batch.BatchCommands.Add(gate);
        var change = new NpgsqlBatchCommand("""
            WITH own AS (
              SELECT coalesce((SELECT seen FROM reader_state WHERE account_id = $1 AND mailbox_id = $2 AND reader_id = $3), '{}'::int8multirange) AS seen
            ), picked AS (
              SELECT m.id, m.uid FROM message m, own
              WHERE m.account_id = $1 AND m.mailbox_id = $2 AND m.uid = ANY($4) AND (own.seen @> m.uid) <> $5
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 AND EXISTS (SELECT FROM picked) RETURNING mod_seq
            ), box AS (
              UPDATE mailbox b SET highest_mod_seq = s.mod_seq FROM s WHERE b.account_id = $1 AND b.id = $2
            ), touched AS (
              UPDATE message m SET mod_seq = s.mod_seq FROM picked, s WHERE m.account_id = $1 AND m.id = picked.id
            ), delta AS (
              SELECT range_agg(int8range(uid, uid + 1)) AS uids FROM picked
            ), kept AS (
              INSERT INTO reader_state AS r (account_id, mailbox_id, reader_id, seen)
              SELECT $1, $2, $3, CASE WHEN $5 THEN own.seen + delta.uids ELSE own.seen - delta.uids END FROM own, delta, s
              ON CONFLICT (account_id, mailbox_id, reader_id) DO UPDATE SET seen = excluded.seen
            )
            SELECT mod_seq FROM s
            """);
        AddKey(change.Parameters, account, mailbox, reader);
        change.Parameters.Add(new NpgsqlParameter
        {
            Value = uids.Select(u => (long)u.Value).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        });
        change.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = seen });
        batch.BatchCommands.Add(change);
        var modSeq = default(ModSeq);
        await using (var rows = await batch.ExecuteReaderAsync(ct))
        {
            await rows.NextResultAsync(ct);
            if (await rows.ReadAsync(ct))
            {
                modSeq = new ModSeq(rows.GetInt64(0));
            }
        }

        if (modSeq.Value > 0)
        {
            feed.Publish(account, modSeq);
        }

        return modSeq;
    }

    /// <summary>Mailboxes of others that the reader has subscribed to, or unsubscribed from.</summary>
    public async Task<IReadOnlyDictionary<(AccountId Account, MailboxId Mailbox), bool>> SubscriptionsAsync(AccountId reader, CancellationToken ct)
    {
        // Across accounts, and so as the platform: they are the reader's own rows.
        var found = new Dictionary<(AccountId, MailboxId), bool>();
        await using var command = database.Source.CreateCommand(
            "SELECT account_id, mailbox_id, subscribed FROM reader_state WHERE reader_id = $1 AND subscribed IS NOT NULL");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = reader.Value });
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found[(new AccountId(rows.GetInt64(0)), new MailboxId(rows.GetInt64(1)))] = rows.GetBoolean(2);
        }

        return found;
    }

    public async Task SubscribeAsync(AccountId account, MailboxId mailbox, AccountId reader, bool subscribed, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            INSERT INTO reader_state (account_id, mailbox_id, reader_id, subscribed)
            SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND id = $2)
            ON CONFLICT (account_id, mailbox_id, reader_id) DO UPDATE SET subscribed = $4
            """, connection);
        AddKey(command.Parameters, account, mailbox, reader);
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = subscribed });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static void AddKey(NpgsqlParameterCollection parameters, AccountId account, MailboxId mailbox, AccountId reader)
    {
        parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = reader.Value });
    }
}
