using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

public sealed partial class MessageStore
{
    /// <summary>Adds, removes or replaces flags. Refusal: LimitReached (64 keywords a message).</summary>
    /// <param name="account">Whose.</param>
    /// <param name="which">Of which messages.</param>
    /// <param name="change">What.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="wantsRows">False: the result has no rows, which for many messages is a good part of the cost.</param>
    public async Task<Outcome<FlagsChanged>> ChangeFlagsAsync(
        AccountId account, MessageSelection which, FlagChange change, CancellationToken ct, bool wantsRows = true)
    {
        if (NormalizeKeywords(change.AddKeywords) is not { } add || NormalizeKeywords(change.RemoveKeywords) is not { } remove)
        {
            return new Refusal(RefusalReason.LimitReached, "Too many keywords, or one that is too long.");
        }

        if (which is MessageSelection.ByUid uids && add.Length == 0 && remove.Length == 0)
        {
            return await ChangeBitsAsync(account, uids, change, wantsRows, ct);
        }

        var (select, selection) = Select(which);
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Lock(account));

        var held = new NpgsqlBatchCommand($"SELECT uid FROM ({select}) AS m WHERE m.mod_seq > $5 ORDER BY uid");
        held.Parameters.Add(Bigint(account.Value));
        AddClones(held, selection);
        held.Parameters.Add(Bigint(change.UnchangedSince?.Value ?? long.MaxValue));
        batch.BatchCommands.Add(held);

        var update = new NpgsqlBatchCommand($"""
            WITH picked AS ({select}
            ), wanted AS (
              SELECT id, mailbox_id, flags, keywords,
                (flags & ~$6) | $5 AS new_flags,
                CASE WHEN $9 THEN nullif($7, ARRAY[]::text[])
                  WHEN $7 = ARRAY[]::text[] AND $8 = ARRAY[]::text[] THEN keywords
                  ELSE (SELECT array_agg(k ORDER BY k) FROM
                    (SELECT unnest(keywords) EXCEPT SELECT unnest($8) UNION SELECT unnest($7)) AS x(k)) END AS new_keywords
              FROM picked WHERE mod_seq <= $10
            ), changed AS (
              SELECT *, 1 / CASE WHEN cardinality(new_keywords) > {MaxKeywords} THEN 0 ELSE 1 END AS fits
              FROM wanted WHERE flags <> new_flags OR keywords IS DISTINCT FROM new_keywords
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 AND EXISTS (SELECT FROM changed) RETURNING mod_seq
            ), box AS (
              UPDATE mailbox b SET highest_mod_seq = s.mod_seq, unseen = b.unseen + d.unseen, deleted_count = b.deleted_count + d.deleted
              FROM s, (SELECT mailbox_id, sum((flags & 1) - (new_flags & 1)) AS unseen, sum(((new_flags & 8) - (flags & 8)) / 8) AS deleted
                       FROM changed GROUP BY mailbox_id) AS d
              WHERE b.account_id = $1 AND b.id = d.mailbox_id
            )
            UPDATE message m SET flags = c.new_flags, keywords = c.new_keywords, mod_seq = s.mod_seq
            FROM changed c, s WHERE m.account_id = $1 AND m.id = c.id AND c.fits = 1
            RETURNING {Prefixed}
            """);
        update.Parameters.Add(Bigint(account.Value));
        AddClones(update, selection);
        update.Parameters.Add(Int((int)change.Add));
        update.Parameters.Add(Int(change.Gone));
        update.Parameters.Add(TextArray(add));
        update.Parameters.Add(TextArray(remove));
        update.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change.Replace });
        update.Parameters.Add(Bigint(change.UnchangedSince?.Value ?? long.MaxValue));
        batch.BatchCommands.Add(update);

        var rows = new List<MessageRow>();
        var modified = new List<Uid>();
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(ct);
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                modified.Add(new Uid((uint)reader.GetInt64(0)));
            }

            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(ReadRow(reader));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            return new Refusal(RefusalReason.LimitReached, "Too many keywords on a message.");
        }

        rows.Sort(static (a, b) => (a.Mailbox.Value, a.Uid.Value).CompareTo((b.Mailbox.Value, b.Uid.Value)));
        var modSeq = rows.Count > 0 ? rows[0].ModSeq : default;
        if (rows.Count > 0)
        {
            feed.Publish(account, modSeq);
        }

        return new FlagsChanged(rows, modified, modSeq);
    }

    /// <summary><see cref="RowColumns"/> of "message m".</summary>
    private static readonly string Prefixed = string.Join(", ", RowColumns.Split(", ").Select(c => "m." + c));

    /// <summary>Flags of one mailbox's messages, no keywords: the rows are found and changed in place, without being collected first.</summary>
    private async Task<FlagsChanged> ChangeBitsAsync(
        AccountId account, MessageSelection.ByUid which, FlagChange change, bool wantsRows, CancellationToken ct)
    {
        const string Flags = "((m.flags & ~$6) | $5)";
        const string Changes = $"""
            FROM unnest($3, $4) AS r(lo, hi) JOIN message m ON m.account_id = $1 AND m.mailbox_id = $2 AND m.uid BETWEEN r.lo AND r.hi
            WHERE m.mod_seq <= $8 AND (m.flags <> {Flags} OR ($7 AND m.keywords IS NOT NULL))
            """;
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Lock(account));
        var runs = Runs(which.Uids);
        if (change.UnchangedSince is not null)
        {
            var held = new NpgsqlBatchCommand("""
                SELECT m.uid FROM unnest($3, $4) AS r(lo, hi) JOIN message m ON m.account_id = $1 AND m.mailbox_id = $2 AND m.uid BETWEEN r.lo AND r.hi
                WHERE m.mod_seq > $5 ORDER BY m.uid
                """);
            held.Parameters.Add(Bigint(account.Value));
            held.Parameters.Add(Bigint(which.Mailbox.Value));
            AddClones(held, runs);
            held.Parameters.Add(Bigint(change.UnchangedSince.Value.Value));
            batch.BatchCommands.Add(held);
        }

        var update = new NpgsqlBatchCommand($"""
            WITH d AS (
              SELECT count(*) AS n, coalesce(sum((m.flags & 1) - (({Flags}) & 1)), 0) AS unseen,
                coalesce(sum(((({Flags}) & 8) - (m.flags & 8)) / 8), 0) AS deleted {Changes}
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1 FROM d WHERE account_id = $1 AND d.n > 0 RETURNING mod_seq
            ), box AS (
              UPDATE mailbox b SET highest_mod_seq = s.mod_seq, unseen = b.unseen + d.unseen, deleted_count = b.deleted_count + d.deleted
              FROM s, d WHERE b.account_id = $1 AND b.id = $2
            ), changed AS (
              UPDATE message m SET flags = {Flags}, keywords = CASE WHEN $7 THEN NULL ELSE m.keywords END, mod_seq = s.mod_seq
              FROM s, unnest($3, $4) AS r(lo, hi)
              WHERE m.account_id = $1 AND m.mailbox_id = $2 AND m.uid BETWEEN r.lo AND r.hi
                AND m.mod_seq <= $8 AND (m.flags <> {Flags} OR ($7 AND m.keywords IS NOT NULL))
              {(wantsRows ? $"RETURNING {Prefixed}" : "")}
            )
            {(wantsRows ? "SELECT * FROM changed" : "SELECT s.mod_seq FROM s")}
            """);
        update.Parameters.Add(Bigint(account.Value));
        update.Parameters.Add(Bigint(which.Mailbox.Value));
        AddClones(update, runs);
        update.Parameters.Add(Int((int)change.Add));
        update.Parameters.Add(Int(change.Gone));
        update.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = change.Replace });
        update.Parameters.Add(Bigint(change.UnchangedSince?.Value ?? long.MaxValue));
        batch.BatchCommands.Add(update);

        var rows = new List<MessageRow>();
        var modified = new List<Uid>();
        var modSeq = default(ModSeq);
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            if (change.UnchangedSince is not null)
            {
                await reader.NextResultAsync(ct);
                while (await reader.ReadAsync(ct))
                {
                    modified.Add(new Uid((uint)reader.GetInt64(0)));
                }
            }

            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                if (wantsRows)
                {
                    rows.Add(ReadRow(reader));
                    modSeq = rows[0].ModSeq;
                }
                else
                {
                    modSeq = new ModSeq(reader.GetInt64(0));
                }
            }
        }

        rows.Sort(static (a, b) => a.Uid.Value.CompareTo(b.Uid.Value));
        if (modSeq.Value > 0)
        {
            feed.Publish(account, modSeq);
        }

        return new FlagsChanged(rows, modified, modSeq);
    }

    /// <summary>Copies into a mailbox of the same account, all or nothing. Refusals: OverQuota, NotFound.</summary>
    public Task<Outcome<TransferResult>> CopyAsync(AccountId account, MessageSelection which, MailboxId target, CancellationToken ct)
    {
        // The copies take one modseq each: it is their id.
        var (select, selection) = Select(which);
        var sql = $"""
            WITH picked AS ({select}
            ), src AS (
              SELECT *, row_number() OVER (ORDER BY mailbox_id, uid) AS n FROM picked
            ), t AS (
              SELECT count(*) AS n, coalesce(sum(size), 0)::bigint AS bytes, count(*) FILTER (WHERE flags & 1 = 0) AS unseen,
                count(*) FILTER (WHERE flags & 8 <> 0) AS deleted FROM src
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + t.n, used_bytes = used_bytes + t.bytes, message_count = message_count + t.n
              FROM t WHERE account_id = $1 AND t.n > 0 AND used_bytes + t.bytes <= quota_bytes AND message_count + t.n <= {MaxMessages}
                AND EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND id = $5)
              RETURNING mod_seq - t.n AS base, mod_seq
            ), box AS (
              UPDATE mailbox b SET uid_next = uid_next + t.n, total = total + t.n, unseen = b.unseen + t.unseen,
                deleted_count = deleted_count + t.deleted, size_bytes = size_bytes + t.bytes, highest_mod_seq = s.mod_seq
              FROM t, s WHERE b.account_id = $1 AND b.id = $5
              RETURNING b.uid_next - t.n AS first, b.uid_validity
            ), copied AS (
              INSERT INTO message ({RowColumns}, account_id)
              SELECT s.base + src.n, $5, box.first + src.n - 1, s.base + src.n, src.content_id, src.thread_id, src.flags, src.keywords,
                src.internal_date, $6, src.size, $1
              FROM src, s, box
            )
            SELECT src.uid, box.first + src.n - 1, s.base + src.n, src.mailbox_id, box.uid_validity, s.mod_seq FROM src, s, box ORDER BY src.n
            """;
        return TransferAsync(account, sql, selection, target, ct);
    }

    /// <summary>Moves: new UID, same email id (RFC 6851). What is in the target already stays as it is. Refusal: NotFound.</summary>
    public Task<Outcome<TransferResult>> MoveAsync(AccountId account, MessageSelection which, MailboxId target, CancellationToken ct)
    {
        var (select, selection) = Select(which);
        var sql = $"""
            WITH picked AS ({select}
            ), src AS (
              SELECT *, row_number() OVER (ORDER BY mailbox_id, uid) AS n FROM picked WHERE mailbox_id <> $5
            ), t AS (
              SELECT mailbox_id, count(*) AS n, sum(size)::bigint AS bytes, count(*) FILTER (WHERE flags & 1 = 0) AS unseen,
                count(*) FILTER (WHERE flags & 8 <> 0) AS deleted FROM src GROUP BY mailbox_id
            ), sums AS (
              SELECT sum(n)::bigint AS n, sum(bytes)::bigint AS bytes, sum(unseen)::bigint AS unseen, sum(deleted)::bigint AS deleted FROM t
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1
              WHERE account_id = $1 AND EXISTS (SELECT FROM src) AND EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND id = $5)
              RETURNING mod_seq
            ), box AS (
              UPDATE mailbox b SET uid_next = uid_next + sums.n, total = total + sums.n, unseen = b.unseen + sums.unseen,
                deleted_count = deleted_count + sums.deleted, size_bytes = size_bytes + sums.bytes, highest_mod_seq = s.mod_seq
              FROM sums, s WHERE b.account_id = $1 AND b.id = $5
              RETURNING b.uid_next - sums.n AS first, b.uid_validity
            ), emptied AS (
              UPDATE mailbox b SET total = total - t.n, unseen = b.unseen - t.unseen, deleted_count = deleted_count - t.deleted,
                size_bytes = size_bytes - t.bytes, highest_mod_seq = s.mod_seq
              FROM t, s WHERE b.account_id = $1 AND b.id = t.mailbox_id
            ), gone AS (
              INSERT INTO message_tombstone (account_id, mailbox_id, uid, mod_seq, message_id, content_id, thread_id, moved, at)
              SELECT $1, src.mailbox_id, src.uid, s.mod_seq, src.id, src.content_id, src.thread_id, true, $6 FROM src, s
            ), moved AS (
              UPDATE message m SET mailbox_id = $5, uid = box.first + src.n - 1, mod_seq = s.mod_seq, saved_at = $6
              FROM src, s, box WHERE m.account_id = $1 AND m.id = src.id
            )
            SELECT src.uid, box.first + src.n - 1, src.id, src.mailbox_id, box.uid_validity, s.mod_seq FROM src, s, box ORDER BY src.n
            """;
        return TransferAsync(account, sql, selection, target, ct);
    }

    private async Task<Outcome<TransferResult>> TransferAsync(
        AccountId account, string sql, NpgsqlParameter[] selection, MailboxId target, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Lock(account));
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(Bigint(account.Value));
        foreach (var parameter in selection)
        {
            command.Parameters.Add(parameter);
        }

        command.Parameters.Add(Bigint(target.Value));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        batch.BatchCommands.Add(command);

        // Tells "nothing selected" from "does not fit" and "no such mailbox" without another round trip.
        var why = new NpgsqlBatchCommand("""
            SELECT uid_validity FROM mailbox WHERE account_id = $1 AND id = $2
            """);
        why.Parameters.Add(Bigint(account.Value));
        why.Parameters.Add(Bigint(target.Value));
        batch.BatchCommands.Add(why);

        var moved = new List<Transferred>();
        long validity = 0, modSeq = 0;
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                moved.Add(new Transferred(
                    new Uid((uint)reader.GetInt64(0)), new Uid((uint)reader.GetInt64(1)), new MessageId(reader.GetInt64(2)),
                    new MailboxId(reader.GetInt64(3))));
                validity = reader.GetInt64(4);
                modSeq = reader.GetInt64(5);
            }

            await reader.NextResultAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                return Refusal.NotFound("mailbox");
            }

            validity = reader.GetInt64(0);
        }

        if (moved.Count > 0)
        {
            feed.Publish(account, new ModSeq(modSeq));
        }

        return new TransferResult(moved, validity, new ModSeq(modSeq));
    }

    /// <summary>Removes for good; with <paramref name="onlyDeleted"/> just those with \Deleted. ByUid with no UIDs means the whole mailbox.</summary>
    public async Task<ExpungeResult> ExpungeAsync(AccountId account, MessageSelection which, bool onlyDeleted, CancellationToken ct)
    {
        var (select, selection) = Select(which);
        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Lock(account));
        var command = new NpgsqlBatchCommand($"""
            WITH src AS (
              SELECT * FROM ({select}) AS p WHERE NOT $5 OR p.flags & 8 <> 0
            ), t AS (
              SELECT mailbox_id, count(*) AS n, sum(size)::bigint AS bytes, count(*) FILTER (WHERE flags & 1 = 0) AS unseen,
                count(*) FILTER (WHERE flags & 8 <> 0) AS deleted FROM src GROUP BY mailbox_id
            ), s AS (
              UPDATE account_state SET mod_seq = mod_seq + 1, used_bytes = used_bytes - (SELECT sum(bytes) FROM t),
                message_count = message_count - (SELECT sum(n) FROM t)
              WHERE account_id = $1 AND EXISTS (SELECT FROM src) RETURNING mod_seq
            ), box AS (
              UPDATE mailbox b SET total = total - t.n, unseen = b.unseen - t.unseen, deleted_count = deleted_count - t.deleted,
                size_bytes = size_bytes - t.bytes, highest_mod_seq = s.mod_seq
              FROM t, s WHERE b.account_id = $1 AND b.id = t.mailbox_id
            ), gone AS (
              INSERT INTO message_tombstone (account_id, mailbox_id, uid, mod_seq, message_id, content_id, thread_id, moved, at)
              SELECT $1, src.mailbox_id, src.uid, s.mod_seq, src.id, src.content_id, src.thread_id, false, $6 FROM src, s
            ), removed AS (
              DELETE FROM message m USING src WHERE m.account_id = $1 AND m.id = src.id
            )
            SELECT src.id, src.mailbox_id, src.uid, s.mod_seq FROM src, s ORDER BY src.mailbox_id, src.uid
            """);
        command.Parameters.Add(Bigint(account.Value));
        foreach (var parameter in selection)
        {
            command.Parameters.Add(parameter);
        }

        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = onlyDeleted });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        batch.BatchCommands.Add(command);

        var expunged = new List<Expunged>();
        long modSeq = 0;
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                expunged.Add(new Expunged(
                    new MessageId(reader.GetInt64(0)), new MailboxId(reader.GetInt64(1)), new Uid((uint)reader.GetInt64(2))));
                modSeq = reader.GetInt64(3);
            }
        }

        if (expunged.Count > 0)
        {
            feed.Publish(account, new ModSeq(modSeq));
        }

        return new ExpungeResult(expunged, new ModSeq(modSeq));
    }

    private static void AddClones(NpgsqlBatchCommand command, NpgsqlParameter[] parameters)
    {
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter.Clone());
        }
    }
}
