using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Queue;

/// <summary>What people do to the queue. Every statement carries the caller's scope; what it does not see does not exist.</summary>
public sealed partial class OutboundQueue
{
    // $1 and $2: the scope; an account sees what it submitted.
    private const string ScopeSql = """
        CASE $1::text WHEN 'operator' THEN true WHEN 'tenant' THEN m.tenant_id = $2 WHEN 'account' THEN m.account_id = $2
          WHEN 'reseller' THEN EXISTS (SELECT FROM tenant t WHERE t.id = m.tenant_id AND t.reseller_id = $2) ELSE false END
        """;

    // The same for a search: said plainly, so that the planner can use an index. $1 and $2 stay in it, since they are sent.
    private static string ScopeOf(CallerScope scope) => "($1::text IS NOT NULL AND $2::bigint IS NOT NULL) AND " + scope switch
    {
        CallerScope.Operator => "true",
        CallerScope.OfReseller => "m.tenant_id IN (SELECT id FROM tenant WHERE reseller_id = $2)",
        CallerScope.OfTenant => "m.tenant_id = $2",
        CallerScope.OfAccount => "m.account_id = $2",
        _ => "false",
    };

    private const string EntrySql = """
        SELECT r.id, r.message_id, m.tenant_id, m.account_id, m.reverse_path, r.recipient, r.destination, r.state, r.attempts,
          r.next_attempt_at, r.last_reply, r.remote_host, m.size, m.message_id_header, m.subject, m.created_at, m.expires_at
        FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id
        """;

    /// <summary>Newest first; the page's cursor is the last id.</summary>
    public async Task<Page<QueueEntry>> SearchAsync(CallerScope scope, QueueFilter filter, string? cursor, int limit, CancellationToken ct)
    {
        limit = Math.Clamp(limit, 1, 1000);
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = Conditions(command, scope, filter);
        if (long.TryParse(cursor, System.Globalization.CultureInfo.InvariantCulture, out var before))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
            where += $" AND r.id < ${command.Parameters.Count}";
        }

        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{EntrySql} WHERE {where} ORDER BY r.id DESC LIMIT {limit + 1}");
        var found = await ReadEntriesAsync(command, ct);
        return found.Count > limit
            ? new Page<QueueEntry>([.. found.Take(limit)], found[limit - 1].Id.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : new Page<QueueEntry>(found, null);
    }

    /// <summary>The filter as SQL over r and m, with the caller's scope in $1 and $2; only what is asked for, so that each condition finds its index.</summary>
    private static string Conditions(NpgsqlCommand command, CallerScope scope, QueueFilter filter)
    {
        var p = command.Parameters;
        AddScope(command, scope);
        var where = new List<string> { ScopeOf(scope) };
        void Where(string condition, NpgsqlParameter value)
        {
            p.Add(value);
            where.Add(string.Format(System.Globalization.CultureInfo.InvariantCulture, condition, $"${p.Count}"));
        }

        if (filter.State is { } state)
        {
            // Written out: the partial indexes know literals only.
            where.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"r.state = {(int)state}"));
        }

        if (filter.Destination is { } destination)
        {
            Where("r.destination = {0}", new NpgsqlParameter<string> { TypedValue = destination.ToLowerInvariant() });
        }

        if (filter.Text is { Length: > 0 } text)
        {
            Where("(r.recipient ILIKE {0} OR m.reverse_path ILIKE {0} OR m.message_id_header ILIKE {0})", new NpgsqlParameter<string> { TypedValue = $"%{Escape(text)}%" });
        }

        if (filter.Tenant is { } tenant)
        {
            Where("m.tenant_id = {0}", new NpgsqlParameter<long> { TypedValue = tenant.Value });
        }

        if (filter.MessageId is { } message)
        {
            Where("r.message_id = {0}", new NpgsqlParameter<long> { TypedValue = message });
        }

        return string.Join(" AND ", where);
    }

    /// <summary>What is not yet done with, by destination, the longest line first.</summary>
    public async Task<IReadOnlyList<QueueDestination>> DestinationsAsync(CallerScope scope, TenantId? tenant, int limit, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = Conditions(command, scope, new QueueFilter { Tenant = tenant });
        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            SELECT r.destination, count(*) FILTER (WHERE r.state = 0)::int, count(*) FILTER (WHERE r.state = 1)::int,
              count(*) FILTER (WHERE r.state = 5)::int, min(m.created_at),
              (array_agg(r.last_reply ORDER BY r.changed_at DESC) FILTER (WHERE r.last_reply IS NOT NULL))[1],
              min(r.next_attempt_at) FILTER (WHERE r.state = 0)
            FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id
            WHERE r.state IN (0, 1, 5) AND {where} GROUP BY r.destination ORDER BY count(*) DESC, r.destination LIMIT {limit}
            """);
        var found = new List<QueueDestination>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add(new QueueDestination(
                reader.GetString(0),
                reader.GetInt32(1),
                reader.GetInt32(2),
                reader.GetInt32(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return found;
    }

    public async Task<QueueEntry?> GetAsync(CallerScope scope, long recipientId, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand($"{EntrySql} WHERE {ScopeSql} AND r.id = $3", connection);
        AddScope(command, scope);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = recipientId });
        return (await ReadEntriesAsync(command, ct)).SingleOrDefault();
    }

    /// <summary>Stops a recipient until it is released. Refusals: NotFound, Conflict (final already).</summary>
    public Task<Refusal?> HoldAsync(CallerScope scope, long recipientId, CancellationToken ct) =>
        ChangeAsync(scope, recipientId, "state = 5, lease_owner = NULL, lease_until = NULL", "r.state IN (0, 1)", wake: false, ct);

    /// <summary>Lets a held recipient go on at once. Refusals: NotFound, Conflict (not held).</summary>
    public Task<Refusal?> ReleaseAsync(CallerScope scope, long recipientId, CancellationToken ct) =>
        ChangeAsync(scope, recipientId, "state = 0, next_attempt_at = $4", "r.state = 5", wake: true, ct);

    /// <summary>Makes a waiting recipient due now. Refusals: NotFound, Conflict (being tried, held or final).</summary>
    public Task<Refusal?> RetryAsync(CallerScope scope, long recipientId, CancellationToken ct) =>
        ChangeAsync(scope, recipientId, "next_attempt_at = $4", "r.state = 0", wake: true, ct);

    /// <summary>Gives up: the next worker that takes it tells the sender. Refusals: NotFound, Conflict (final or being tried).</summary>
    public Task<Refusal?> BounceAsync(CallerScope scope, long recipientId, CancellationToken ct) =>
        ChangeAsync(scope, recipientId, $"state = 0, next_attempt_at = $4, last_reply = '{BouncedByHand}'", "r.state IN (0, 5)", wake: true, ct);

    /// <summary>What stands in last_reply of a recipient that a person gave up.</summary>
    public const string BouncedByHand = "5.7.0 Returned to its sender by an administrator.";

    /// <summary>Removes a recipient without telling anybody, and its message with the last one. Refusal: NotFound.</summary>
    public async Task<Refusal?> DeleteAsync(CallerScope scope, long recipientId, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var guard = new NpgsqlCommand(
            $"SELECT m.id FROM queue_message m WHERE {ScopeSql} AND m.id = (SELECT message_id FROM queue_recipient WHERE id = $3) FOR UPDATE",
            connection, transaction);
        AddScope(guard, scope);
        guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = recipientId });
        if (await guard.ExecuteScalarAsync(ct) is not long message)
        {
            return Refusal.NotFound("queue entry");
        }

        await using var delete = new NpgsqlCommand("DELETE FROM queue_recipient WHERE id = $1", connection, transaction);
        delete.Parameters.Add(new NpgsqlParameter<long> { TypedValue = recipientId });
        await delete.ExecuteNonQueryAsync(ct);
        await using var remove = new NpgsqlCommand(RemoveFinishedSql, connection, transaction);
        remove.Parameters.Add(new NpgsqlParameter<long> { TypedValue = message });
        await remove.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return null;
    }

    private async Task<Refusal?> ChangeAsync(CallerScope scope, long recipientId, string set, string when, bool wake, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand($"""
            WITH seen AS (SELECT r.id FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id WHERE r.id = $3 AND {ScopeSql}),
            changed AS (UPDATE queue_recipient r SET {set}, changed_at = $4 FROM seen WHERE r.id = seen.id AND {when} RETURNING r.id)
            SELECT (SELECT count(*) FROM seen), (SELECT count(*) FROM changed)
            """, connection);
        AddScope(command, scope);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = recipientId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            await reader.ReadAsync(ct);
            if (reader.GetInt64(0) == 0)
            {
                return Refusal.NotFound("queue entry");
            }

            if (reader.GetInt64(1) == 0)
            {
                return new Refusal(RefusalReason.Conflict, "The entry is not in a state that allows this.");
            }
        }

        if (wake)
        {
            feed.Wake(Topic);
        }

        return null;
    }

    private static async Task<List<QueueEntry>> ReadEntriesAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var found = new List<QueueEntry>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add(new QueueEntry(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.IsDBNull(2) ? null : new TenantId(reader.GetInt64(2)),
                reader.IsDBNull(3) ? null : new AccountId(reader.GetInt64(3)),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetString(6),
                (RecipientState)reader.GetInt32(7),
                reader.GetInt32(8),
                reader.GetFieldValue<DateTimeOffset>(9),
                reader.IsDBNull(10) ? null : reader.GetString(10),
                reader.IsDBNull(11) ? null : reader.GetString(11),
                reader.GetInt32(12),
                reader.IsDBNull(13) ? null : reader.GetString(13),
                reader.IsDBNull(14) ? null : reader.GetString(14),
                reader.GetFieldValue<DateTimeOffset>(15),
                reader.GetFieldValue<DateTimeOffset>(16)));
        }

        return found;
    }

    private static void AddScope(NpgsqlCommand command, CallerScope scope)
    {
        var (name, id) = scope switch
        {
            CallerScope.Operator => ("operator", 0L),
            CallerScope.OfReseller r => ("reseller", r.Reseller.Value),
            CallerScope.OfTenant t => ("tenant", t.Tenant.Value),
            CallerScope.OfAccount a => ("account", a.Account.Value),
            _ => ("nobody", 0L),
        };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
    }

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
