using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;

namespace SaaS.Domain.Moves;

/// <summary>A move that this node runs, until the lease ends.</summary>
/// <param name="Run">When the move began, in ticks: the same for all tries of one run, another when it is run again.</param>
public sealed record MoveLease(
    long Id, TenantId Tenant, AccountId Account, string Address, string Host, int Port, SourceTls Tls, bool AnyCertificate, string UserName,
    string? MasterUser, string? Secret, bool DryRun, bool FollowFlags, bool FollowExpunges, bool ExceedQuota, int MessagesPerSecond, long BytesPerSecond,
    int Attempts, long Run);

/// <summary>Moves as the worker sees them: leases, progress, differences. One statement a call.</summary>
public sealed class MoveLedger(NpgsqlDataSource source, TimeProvider clock)
{
    public const int MaxFolders = 2000;

    /// <summary>Differences that are kept of a move; more are only counted.</summary>
    public const int MaxDifferences = 1000;

    private const int TakeLock = 0x504D;

    /// <summary>The next move that is due, where its host has room. One node at a time looks, so that the bound on connections per host holds.</summary>
    public async Task<MoveLease?> TakeAsync(string owner, TimeSpan lease, int perHost, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT pg_advisory_xact_lock({TakeLock}, 0)"));
        var take = new NpgsqlBatchCommand("""
            WITH busy AS (
              SELECT host FROM mailbox_move WHERE state = 1 AND lease_until >= $1 GROUP BY host HAVING count(*) >= $4
            ), due AS (
              SELECT id FROM mailbox_move WHERE ((state = 0 AND next_attempt_at <= $1) OR (state = 1 AND lease_until < $1))
                AND host NOT IN (SELECT host FROM busy)
              ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            UPDATE mailbox_move m SET state = 1, lease_owner = $2, lease_until = $3, attempts = attempts + 1, started_at = coalesce(started_at, $1)
            FROM due WHERE m.id = due.id
            RETURNING m.id, tenant_id, account_id, address, host, port, tls, any_certificate, user_name, master_user, secret, dry_run, follow_flags,
              follow_expunges, exceed_quota, messages_per_second, bytes_per_second, attempts, started_at
            """);
        take.Parameters.Add(At(now));
        take.Parameters.Add(Text(owner));
        take.Parameters.Add(At(now + lease));
        take.Parameters.Add(new NpgsqlParameter<int> { TypedValue = perHost });
        batch.BatchCommands.Add(take);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return await reader.ReadAsync(ct)
            ? new MoveLease(
                reader.GetInt64(0), new TenantId(reader.GetInt64(1)), new AccountId(reader.GetInt64(2)), reader.GetString(3), reader.GetString(4),
                reader.GetInt32(5), (SourceTls)reader.GetInt16(6), reader.GetBoolean(7), reader.GetString(8), Maybe(reader, 9), Maybe(reader, 10),
                reader.GetBoolean(11), reader.GetBoolean(12), reader.GetBoolean(13), reader.GetBoolean(14), reader.GetInt32(15), reader.GetInt64(16),
                reader.GetInt32(17), reader.GetFieldValue<DateTimeOffset>(18).UtcTicks)
            : null;
    }

    /// <summary>Keeps the lease. Null: it is somebody else's by now; else whether somebody wants the move to stop.</summary>
    public async Task<bool?> RenewAsync(long id, string owner, TimeSpan lease, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "UPDATE mailbox_move SET lease_until = $3 WHERE id = $1 AND state = 1 AND lease_owner = $2 RETURNING cancel_requested");
        command.Parameters.Add(Bigint(id));
        command.Parameters.Add(Text(owner));
        command.Parameters.Add(At(clock.GetUtcNow() + lease));
        return await command.ExecuteScalarAsync(ct) as bool?;
    }

    /// <summary>The end: the password goes.</summary>
    public async Task FinishAsync(long id, string owner, MoveState state, string? error, long quotaLacks, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE mailbox_move SET state = $3, error = $4, quota_lacks = $5, finished_at = $6, secret = NULL, lease_owner = NULL, lease_until = NULL
            WHERE id = $1 AND state = 1 AND lease_owner = $2
            """);
        command.Parameters.Add(Bigint(id));
        command.Parameters.Add(Text(owner));
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)state });
        command.Parameters.Add(Nullable(error));
        command.Parameters.Add(Bigint(quotaLacks));
        command.Parameters.Add(At(clock.GetUtcNow()));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Another try later.</summary>
    public async Task PostponeAsync(long id, string owner, TimeSpan wait, int attempts, string? error, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE mailbox_move SET state = 0, error = $3, next_attempt_at = $4, attempts = $5, lease_owner = NULL, lease_until = NULL
            WHERE id = $1 AND state = 1 AND lease_owner = $2
            """);
        command.Parameters.Add(Bigint(id));
        command.Parameters.Add(Text(owner));
        command.Parameters.Add(Nullable(error));
        command.Parameters.Add(At(clock.GetUtcNow() + wait));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempts });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Puts the folders beside the move; those of an interrupted run keep what they counted.</summary>
    public async Task PutFoldersAsync(MoveLease move, IReadOnlyList<(long Id, string Source, string? Target)> folders, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO mailbox_move_folder (account_id, move_id, folder_id, position, source_name, target_name, state, messages, bytes, present, copied,
              copied_bytes, skipped, flags_changed, expunged, checked)
            SELECT $1, $2, f.id, f.n, f.source, f.target, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM unnest($3, $4, $5) WITH ORDINALITY AS f (id, source, target, n)
            ON CONFLICT (account_id, move_id, folder_id) DO UPDATE SET position = excluded.position, target_name = excluded.target_name, state = 0,
              error = NULL
            """);
        command.Parameters.Add(Bigint(move.Account.Value));
        command.Parameters.Add(Bigint(move.Id));
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. folders.Select(f => f.Id)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. folders.Select(f => f.Source)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. folders.Select(f => f.Target)] });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Changes what is not null.</summary>
    public async Task FolderAsync(
        MoveLease move, long folder, MoveFolderState state, CancellationToken ct, int? messages = null, long? bytes = null, int? present = null,
        int addPresent = 0, string? error = null, string? target = null)
    {
        await using var command = source.CreateCommand("""
            UPDATE mailbox_move_folder SET state = $4, messages = coalesce($5, messages), bytes = coalesce($6, bytes), present = coalesce($7, present) + $8,
              error = coalesce($9, error), target_name = coalesce($10, target_name)
            WHERE account_id = $1 AND move_id = $2 AND folder_id = $3
            """);
        AddKey(command, move, folder);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)state });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)messages ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)bytes ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)present ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = addPresent });
        command.Parameters.Add(Nullable(error));
        command.Parameters.Add(Nullable(target));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Adds to what is not stored with a message.</summary>
    public async Task CountAsync(MoveLease move, long folder, CancellationToken ct, int skipped = 0, int flags = 0, int expunged = 0, int verified = 0)
    {
        await using var command = source.CreateCommand("""
            UPDATE mailbox_move_folder SET skipped = skipped + $4, flags_changed = flags_changed + $5, expunged = expunged + $6, checked = checked + $7
            WHERE account_id = $1 AND move_id = $2 AND folder_id = $3
            """);
        AddKey(command, move, folder);
        foreach (var value in (ReadOnlySpan<int>)[skipped, flags, expunged, verified])
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>At the start of a run: what an interrupted one found is found again.</summary>
    public async Task ForgetDifferencesAsync(MoveLease move, CancellationToken ct)
    {
        await using var batch = source.CreateBatch();
        foreach (var sql in (string[])["DELETE FROM mailbox_move_difference WHERE account_id = $1 AND move_id = $2",
            "UPDATE mailbox_move SET differences = 0 WHERE account_id = $1 AND id = $2",
            "UPDATE mailbox_move_folder SET skipped = 0, checked = 0 WHERE account_id = $1 AND move_id = $2"])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(Bigint(move.Account.Value));
            command.Parameters.Add(Bigint(move.Id));
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(ct);
    }

    public async Task DifferAsync(
        MoveLease move, string folder, MoveDifferenceKind kind, long uid, string? messageId, string text, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            WITH counted AS (UPDATE mailbox_move SET differences = differences + 1 WHERE account_id = $1 AND id = $2 RETURNING differences)
            INSERT INTO mailbox_move_difference (account_id, move_id, folder, kind, uid, message_id_header, text)
            SELECT $1, $2, $3, $4, $5, $6, $7 FROM counted WHERE differences <= {MaxDifferences}
            """);
        command.Parameters.Add(Bigint(move.Account.Value));
        command.Parameters.Add(Bigint(move.Id));
        command.Parameters.Add(Text(folder));
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        command.Parameters.Add(Bigint(uid));
        command.Parameters.Add(Nullable(messageId is { Length: > 500 } ? messageId[..500] : messageId));
        command.Parameters.Add(Text(text.Length > 500 ? text[..500] : text));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How many there are in each state, for the gauge.</summary>
    public async Task<(int Waiting, int Running)> FiguresAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "SELECT count(*) FILTER (WHERE state = 0)::int, count(*) FILTER (WHERE state = 1)::int FROM mailbox_move WHERE state IN (0, 1)");
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.GetInt32(1));
    }

    private static void AddKey(NpgsqlCommand command, MoveLease move, long folder)
    {
        command.Parameters.Add(Bigint(move.Account.Value));
        command.Parameters.Add(Bigint(move.Id));
        command.Parameters.Add(Bigint(folder));
    }

    private static string? Maybe(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value.Replace('\0', '?') };

    private static NpgsqlParameter Nullable(string? value) =>
        new() { Value = (object?)value?.Replace('\0', '?') ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter<DateTimeOffset> At(DateTimeOffset at) => new() { TypedValue = at };
}
