using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

public sealed partial class MessageStore
{
    /// <summary>Null when <paramref name="since"/> is older than the tombstones that are kept: the caller must start afresh.</summary>
    public async Task<MailboxChanges?> MailboxChangesAsync(AccountId account, MailboxId mailbox, ModSeq since, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);

        // The modseq first: what is committed between the two statements is told again the next time. What changed and what went come in one
        // statement, so that nothing falls between two stools.
        var state = new NpgsqlBatchCommand("""
            SELECT s.mod_seq, s.tombstones_from, EXISTS (SELECT FROM mailbox b WHERE b.account_id = $1 AND b.id = $2)
            FROM account_state s WHERE s.account_id = $1
            """);
        state.Parameters.Add(Bigint(account.Value));
        state.Parameters.Add(Bigint(mailbox.Value));
        batch.BatchCommands.Add(state);
        var news = new NpgsqlBatchCommand($"""
            SELECT {RowColumns} FROM message WHERE account_id = $1 AND mod_seq > $2 AND mailbox_id = $3
            UNION ALL
            SELECT NULL, NULL, uid, mod_seq, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM message_tombstone
            WHERE account_id = $1 AND mod_seq > $2 AND mailbox_id = $3
            ORDER BY uid
            """);
        news.Parameters.Add(Bigint(account.Value));
        news.Parameters.Add(Bigint(since.Value));
        news.Parameters.Add(Bigint(mailbox.Value));
        batch.BatchCommands.Add(news);

        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct) || since.Value < reader.GetInt64(1))
        {
            return null;
        }

        var through = new ModSeq(reader.GetInt64(0));
        var there = reader.GetBoolean(2);
        await reader.NextResultAsync(ct);
        var rows = new List<MessageRow>();
        var gone = new List<Uid>();
        while (await reader.ReadAsync(ct))
        {
            if (reader.IsDBNull(0))
            {
                gone.Add(new Uid((uint)reader.GetInt64(2)));
            }
            else
            {
                rows.Add(ReadRow(reader));
            }
        }

        return new MailboxChanges(rows, gone, through, there);
    }

    /// <summary>Null when <paramref name="since"/> is too old (JMAP cannotCalculateChanges).</summary>
    public async Task<EmailChanges?> EmailChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        var state = new NpgsqlBatchCommand("SELECT mod_seq, tombstones_from FROM account_state WHERE account_id = $1");
        state.Parameters.Add(Bigint(account.Value));
        batch.BatchCommands.Add(state);

        // Ids are the modseq of creation, so "new since" is a comparison. One more than asked for tells whether there is more.
        var changes = new NpgsqlBatchCommand("""
            (SELECT mod_seq, id, CASE WHEN id > $2 THEN 0 ELSE 1 END FROM message WHERE account_id = $1 AND mod_seq > $2 ORDER BY mod_seq LIMIT $3)
            UNION ALL
            (SELECT mod_seq, message_id, 2 FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2 AND NOT moved ORDER BY mod_seq LIMIT $3)
            ORDER BY 1
            """);
        changes.Parameters.Add(Bigint(account.Value));
        changes.Parameters.Add(Bigint(since.Value));
        changes.Parameters.Add(Int(max + 1));
        batch.BatchCommands.Add(changes);

        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct) || since.Value < reader.GetInt64(1) || since.Value > reader.GetInt64(0))
        {
            return null;
        }

        var through = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var all = new List<(long ModSeq, MessageId Id, int Kind)>();
        while (await reader.ReadAsync(ct))
        {
            all.Add((reader.GetInt64(0), new MessageId(reader.GetInt64(1)), reader.GetInt32(2)));
        }

        var more = all.Count > max;
        if (more)
        {
            // Stop before the modseq that does not fit whole; one change of more than max messages cannot be told in parts.
            var cut = all[max].ModSeq;
            all.RemoveAll(c => c.ModSeq >= cut);
            if (all.Count == 0)
            {
                return null;
            }

            through = all[^1].ModSeq;
        }

        return new EmailChanges(
            [.. all.Where(c => c.Kind == 0).Select(c => c.Id)],
            [.. all.Where(c => c.Kind == 1).Select(c => c.Id)],
            // What came and went since is nobody's business.
            [.. all.Where(c => c.Kind == 2 && c.Id.Value <= since.Value).Select(c => c.Id)],
            new ModSeq(through),
            more);
    }
}
