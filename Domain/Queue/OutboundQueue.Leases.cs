using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.Domain.Queue;

public sealed partial class OutboundQueue
{
    // A walk over the distinct destinations of ix_queue_recipient_destination_next_attempt_at, one index probe each: a destination with
    // a million waiting rows costs as much as one with a single row. The first row of a destination is its earliest.
    private const string DestinationsSql = """
        WITH RECURSIVE walk AS (
          (SELECT destination, next_attempt_at, 1 AS n FROM queue_recipient WHERE state = 0 AND destination > $1
           ORDER BY destination, next_attempt_at LIMIT 1)
          UNION ALL
          SELECT r.destination, r.next_attempt_at, w.n + 1 FROM walk w, LATERAL (
            SELECT destination, next_attempt_at FROM queue_recipient WHERE state = 0 AND destination > w.destination
            ORDER BY destination, next_attempt_at LIMIT 1) r
          WHERE w.n < $3)
        SELECT destination, next_attempt_at <= $2 FROM walk ORDER BY n
        """;

    /// <summary>Stands for every destination outside, where all mail takes one way (a smart host). Legacy platforms are not outside.</summary>
    public const string Anywhere = "*";

    // The oldest rows, and with each what else of its message goes the same way: one transaction carries them all.
    private const string LeaseSql = """
        WITH first AS (
          SELECT message_id FROM queue_recipient WHERE state = 0 AND destination = $1 AND next_attempt_at <= $2
          ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED),
        due AS (
          SELECT id FROM queue_recipient WHERE message_id IN (SELECT message_id FROM first) AND state = 0 AND destination = $1
            AND next_attempt_at <= $2 ORDER BY message_id, id LIMIT $6 FOR UPDATE SKIP LOCKED)
        UPDATE queue_recipient r SET state = 1, lease_owner = $4, lease_until = $5, changed_at = $2
        FROM due, queue_message m WHERE r.id = due.id AND m.id = r.message_id
        RETURNING r.id, r.message_id, r.recipient, r.account_id, r.original_recipient, r.notify, r.attempts, r.delay_notified,
          m.tenant_id, m.account_id, m.reverse_path, m.envelope_id, m.return_full, m.smtp_utf8, m.eight_bit, m.size, m.created_at, m.expires_at,
          r.last_reply, (SELECT a.tenant_id FROM account a WHERE a.id = r.account_id AND a.deleted_at IS NULL),
          (SELECT a.suspended OR t.suspended OR d.state = 2 FROM account a JOIN tenant t ON t.id = a.tenant_id JOIN mail_domain d ON d.id = a.domain_id
           WHERE a.id = r.account_id), r.junk,
          (SELECT a.legacy_platform_id FROM account a WHERE a.id = r.account_id AND a.at_legacy AND a.deleted_at IS NULL)
        """;

    private const string SettleSql = """
        UPDATE queue_recipient r SET state = u.state, attempts = r.attempts + 1, next_attempt_at = coalesce(u.next_at, r.next_attempt_at),
          last_reply = u.reply, remote_host = coalesce(u.host, r.remote_host), delay_notified = r.delay_notified OR u.delayed,
          lease_owner = NULL, lease_until = NULL, changed_at = $1
        FROM unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[])
          AS u(id, state, reply, host, next_at, delayed)
        WHERE r.id = u.id AND ((u.state = 2 AND r.state <> 2) OR (r.state = 1 AND r.lease_owner = $8))
        """;

    private const string RemoveFinishedSql = """
        DELETE FROM queue_message m WHERE m.id = $1
          AND NOT EXISTS (SELECT FROM queue_recipient r WHERE r.message_id = m.id AND r.state IN (0, 1, 5))
        """;

    private static readonly string LeaseAnywhereSql =
        LeaseSql.Replace("destination = $1", "destination <> '' AND destination NOT LIKE 'legacy:%' AND $1::text IS NOT NULL", StringComparison.Ordinal);

    /// <summary>The destinations behind <paramref name="after"/> in order of name, and whether each has something due.
    /// "" is not among them: that is the local hand-over's.</summary>
    public async Task<IReadOnlyList<(string Name, bool Due)>> DestinationsAsync(string after, int max, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(DestinationsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = max });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, bool)>();
        while (await reader.ReadAsync(ct))
        {
            found.Add((reader.GetString(0), reader.GetBoolean(1)));
        }

        return found;
    }

    /// <summary>Takes due recipients of one destination ("" = accounts here), oldest first, for <paramref name="duration"/>: the messages
    /// of the <paramref name="rows"/> oldest rows, with at most <paramref name="maxRecipients"/> recipients in all.</summary>
    public async Task<IReadOnlyList<LeasedMessage>> LeaseAsync(
        string destination, int rows, int maxRecipients, string owner, TimeSpan duration, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(
            destination == Anywhere ? LeaseAnywhereSql : LeaseSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = destination });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = rows });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + duration });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = maxRecipients });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var messages = new Dictionary<long, (LeasedMessage Message, List<LeasedRecipient> Recipients)>();
        while (await reader.ReadAsync(ct))
        {
            var id = reader.GetInt64(1);
            if (!messages.TryGetValue(id, out var entry))
            {
                var recipients = new List<LeasedRecipient>();
                entry = (new LeasedMessage
                {
                    Id = id,
                    Tenant = reader.IsDBNull(8) ? null : new TenantId(reader.GetInt64(8)),
                    Account = reader.IsDBNull(9) ? null : new AccountId(reader.GetInt64(9)),
                    ReversePath = MailAddress.TryParse(reader.GetString(10), out var sender) ? sender : null,
                    EnvelopeId = reader.IsDBNull(11) ? null : reader.GetString(11),
                    ReturnFull = reader.GetBoolean(12),
                    SmtpUtf8 = reader.GetBoolean(13),
                    EightBit = reader.GetBoolean(14),
                    Size = reader.GetInt32(15),
                    CreatedAt = reader.GetFieldValue<DateTimeOffset>(16),
                    ExpiresAt = reader.GetFieldValue<DateTimeOffset>(17),
                    Recipients = recipients,
                }, recipients);
                messages.Add(id, entry);
            }

            entry.Recipients.Add(new LeasedRecipient(
                reader.GetInt64(0),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : new AccountId(reader.GetInt64(3)),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                (DsnNotify)reader.GetInt16(5),
                reader.GetInt32(6),
                reader.GetBoolean(7),
                !reader.IsDBNull(18) && reader.GetString(18) == BouncedByHand,
                reader.IsDBNull(19) ? null : new TenantId(reader.GetInt64(19)),
                !reader.IsDBNull(20) && reader.GetBoolean(20),
                reader.GetBoolean(21),
                reader.IsDBNull(22) ? null : new LegacyPlatformId(reader.GetInt64(22))));
        }

        return [.. messages.Values.Select(e => e.Message)];
    }

    /// <summary>Keeps leases that are still held by <paramref name="owner"/>.</summary>
    public async Task RenewAsync(IReadOnlyCollection<long> recipients, string owner, TimeSpan duration, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(
            "UPDATE queue_recipient SET lease_until = $3 WHERE id = ANY($1) AND state = 1 AND lease_owner = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. recipients] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() + duration });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Gives leases back untried.</summary>
    public async Task ReturnAsync(IReadOnlyCollection<long> recipients, string owner, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(
            "UPDATE queue_recipient SET state = 0, lease_owner = NULL, lease_until = NULL WHERE id = ANY($1) AND state = 1 AND lease_owner = $2",
            connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. recipients] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Records what became of recipients of one message, together with the reports that it causes, in one commit; removes the message
    /// when nothing waits any more. A delivery is recorded even when the lease is lost: the remote has the message. Everything else counts
    /// only while <paramref name="owner"/> holds the lease.
    /// </summary>
    public async Task SettleAsync(
        long messageId, string owner, IReadOnlyList<RecipientResult> results, IReadOnlyList<EnqueueRequest> reports, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var inserts = new List<NpgsqlCommand>();
        foreach (var report in reports)
        {
            inserts.Add(await InsertCommandAsync(report, ct));
        }

        await using var connection = await source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);

        // Two workers that settle the last two recipients at once must see each other: the message row orders them.
        batch.BatchCommands.Add(OfMessage("SELECT FROM queue_message WHERE id = $1 FOR UPDATE", messageId));
        var settle = new NpgsqlBatchCommand(SettleSql);
        var p = settle.Parameters;
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        p.Add(new NpgsqlParameter<long[]> { TypedValue = [.. results.Select(r => r.Id)] });
        p.Add(new NpgsqlParameter<int[]> { TypedValue = [.. results.Select(r => (int)r.State)] });
        p.Add(new NpgsqlParameter<string[]> { TypedValue = [.. results.Select(r => Shorten(r.Reply)!)] });
        p.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. results.Select(r => Shorten(r.RemoteHost))] });
        p.Add(new NpgsqlParameter<DateTimeOffset?[]> { TypedValue = [.. results.Select(r => r.NextAttemptAt)] });
        p.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. results.Select(r => r.DelayNotified)] });
        p.Add(new NpgsqlParameter<string> { TypedValue = owner });
        batch.BatchCommands.Add(settle);
        var remove = results.Any(r => r.State != RecipientState.Waiting) ? OfMessage(RemoveFinishedSql, messageId) : null;
        if (inserts.Count == 0)
        {
            // A batch without a transaction of its own is one: one round trip, one commit.
            if (remove is not null)
            {
                batch.BatchCommands.Add(remove);
            }

            await batch.ExecuteNonQueryAsync(ct);
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        batch.Transaction = transaction;
        await batch.ExecuteNonQueryAsync(ct);

        // Whoever took over a lost lease writes the reports.
        if (settle.RecordsAffected == results.Count)
        {
            foreach (var insert in inserts)
            {
                insert.Connection = connection;
                insert.Transaction = transaction;
                await insert.ExecuteNonQueryAsync(ct);
            }
        }

        if (remove is not null)
        {
            await using var last = new NpgsqlBatch(connection, transaction) { BatchCommands = { remove } };
            await last.ExecuteNonQueryAsync(ct);
        }

        await transaction.CommitAsync(ct);
        foreach (var insert in inserts)
        {
            await insert.DisposeAsync();
        }

        feed.Wake(Topic);
    }

    private static NpgsqlBatchCommand OfMessage(string sql, long messageId)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = messageId });
        return command;
    }

    /// <summary>Makes recipients whose worker died wait again. Returns how many.</summary>
    public async Task<int> TakeBackAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("""
            UPDATE queue_recipient SET state = 0, attempts = attempts + 1, lease_owner = NULL, lease_until = NULL, next_attempt_at = $1,
              last_reply = coalesce(last_reply, '4.3.0 The attempt was cut short.')
            WHERE id IN (SELECT id FROM queue_recipient WHERE state = 1 AND lease_until < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>When the next recipient that is not due yet falls due; null when there is none.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(
            "SELECT next_attempt_at FROM queue_recipient WHERE state = 0 AND next_attempt_at > $1 ORDER BY next_attempt_at LIMIT 1", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await command.ExecuteScalarAsync(ct) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>Figures for operators. Counted up to 10,000 rows of each partial index; above that what the planner's statistics say, so
    /// that asking costs the same whatever the queue holds.</summary>
    public async Task<QueueFigures> FiguresAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("""
            SELECT w.n, w.guess, t.n, t.guess, h.n, h.guess, (SELECT created_at FROM queue_message ORDER BY id LIMIT 1)
            FROM (SELECT count(*) AS n, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'ix_queue_recipient_due'::regclass) AS guess
                  FROM (SELECT FROM queue_recipient WHERE state = 0 ORDER BY next_attempt_at LIMIT 10000) x) w,
                 (SELECT count(*) AS n, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'ix_queue_recipient_leased'::regclass) AS guess
                  FROM (SELECT FROM queue_recipient WHERE state = 1 ORDER BY lease_until LIMIT 10000) x) t,
                 (SELECT count(*) AS n, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'ix_queue_recipient_held'::regclass) AS guess
                  FROM (SELECT FROM queue_recipient WHERE state = 5 ORDER BY changed_at LIMIT 10000) x) h
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new QueueFigures(Number(0), Number(2), Number(4), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6));

        long Number(int i) => reader.GetInt64(i) < 10_000 ? reader.GetInt64(i) : Math.Max(reader.GetInt64(i), reader.GetInt64(i + 1));
    }
}
