using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages.Blobs;
using SaaS.Domain.Messages.Search;

namespace SaaS.Domain.Messages;

/// <summary>
/// Takes away what nothing points at any more: contents of expunged messages, blobs, uploads, old tombstones and delivery keys. Works in
/// batches, each in a transaction of its own; may be stopped anywhere and run again, by several nodes at once.
/// </summary>
public sealed class StoreCollector(NpgsqlDataSource source, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>How long a deletion can be told to a client that was away (QRESYNC, JMAP changes).</summary>
    public static readonly TimeSpan KeepTombstones = TimeSpan.FromDays(30);
    public static readonly TimeSpan KeepDeliveryKeys = TimeSpan.FromDays(14);
    public static readonly TimeSpan KeepUploads = TimeSpan.FromHours(24);

    /// <summary>Between the two phases of blob collection: longer than any delivery can take.</summary>
    public static readonly TimeSpan BlobGrace = TimeSpan.FromHours(24);
    private const int Batch = 1000;

    /// <summary>Removes the contents that expunges left behind. Returns how many.</summary>
    public async Task<int> CollectContentsAsync(CancellationToken ct)
    {
        var removed = 0;
        await foreach (var account in AccountsAsync("""
            SELECT DISTINCT account_id FROM message_tombstone WHERE NOT moved AND content_id <> 0
            """, ct))
        {
            // The account's lock: no copy can take the content up between the look and the deletion.
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(Command("SELECT 1 FROM account_state WHERE account_id = $1 FOR UPDATE", account.Value));
            batch.BatchCommands.Add(Command("""
                WITH dead AS (
                  SELECT DISTINCT t.content_id FROM message_tombstone t
                  WHERE t.account_id = $1 AND NOT t.moved AND t.content_id <> 0
                    AND NOT EXISTS (SELECT FROM message m WHERE m.account_id = $1 AND m.content_id = t.content_id)
                    AND NOT EXISTS (SELECT FROM email_submission e WHERE e.account_id = $1 AND e.content_id = t.content_id AND e.undo_status = 0)
                ), search AS (
                  DELETE FROM message_search s USING dead WHERE s.account_id = $1 AND s.content_id = dead.content_id
                )
                DELETE FROM message_content c USING dead WHERE c.account_id = $1 AND c.id = dead.content_id
                """, account.Value));

            // 0: this tombstone's content has been seen to.
            batch.BatchCommands.Add(Command(
                "UPDATE message_tombstone SET content_id = 0 WHERE account_id = $1 AND NOT moved AND content_id <> 0 "
                + "AND NOT EXISTS (SELECT FROM message_content c WHERE c.account_id = $1 AND c.id = message_tombstone.content_id)",
                account.Value));

            // Blocks of which half is gone are built anew, from what is left.
            batch.BatchCommands.Add(Command($"SELECT pg_advisory_xact_lock({SearchBlocks.LockKey(account)})"));
            batch.BatchCommands.Add(Command($"""
                DELETE FROM search_block WHERE account_id = $1
                  AND (SELECT count(*) FROM message_search s WHERE s.account_id = $1
                       AND s.content_id <= (SELECT max(last) FROM search_block WHERE account_id = $1)) * 2
                    < (SELECT count(*) FROM search_block WHERE account_id = $1) * {SearchBlocks.Slots}
                """, account.Value));
            await batch.ExecuteNonQueryAsync(ct);
            removed += (int)batch.BatchCommands[1].RecordsAffected;
        }

        return removed;
    }

    /// <summary>Forgets old tombstones and remembers in the account from where on changes can still be told.</summary>
    public async Task<int> CollectTombstonesAsync(CancellationToken ct)
    {
        var removed = 0;
        var before = clock.GetUtcNow() - KeepTombstones;
        await foreach (var account in AccountsAsync("SELECT DISTINCT account_id FROM message_tombstone WHERE at < $1", ct, before))
        {
            await using var command = source.CreateCommand("""
                WITH gone AS (
                  DELETE FROM message_tombstone WHERE account_id = $1 AND at < $2 AND (moved OR content_id = 0) RETURNING mod_seq
                ), mark AS (
                  UPDATE account_state SET tombstones_from = greatest(tombstones_from, (SELECT max(mod_seq) FROM gone))
                  WHERE account_id = $1 AND EXISTS (SELECT FROM gone)
                )
                SELECT count(*) FROM gone
                """);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            removed += (int)(long)(await command.ExecuteScalarAsync(ct))!;
        }

        return removed;
    }

    public async Task<int> CollectUploadsAsync(CancellationToken ct) =>
        await ExecuteAsync("DELETE FROM upload WHERE at < $1", clock.GetUtcNow() - KeepUploads, ct);

    public async Task<int> CollectDeliveryKeysAsync(CancellationToken ct) =>
        await ExecuteAsync("DELETE FROM delivery_key WHERE at < $1", clock.GetUtcNow() - KeepDeliveryKeys, ct);

    /// <summary>
    /// Two phases: what nothing refers to is condemned; what has been condemned for <see cref="BlobGrace"/> and is still unreferenced is
    /// deleted. Whoever stores the same bytes meanwhile pardons the blob.
    /// </summary>
    public async Task<int> CollectBlobsAsync(CancellationToken ct)
    {
        const string unreferenced = """
            NOT EXISTS (SELECT FROM message_content c JOIN account_state s ON s.account_id = c.account_id
                        WHERE s.tenant_id = b.tenant_id AND c.blob_hash = b.hash)
            AND NOT EXISTS (SELECT FROM upload u WHERE u.tenant_id = b.tenant_id AND u.hash = b.hash)
            AND NOT EXISTS (SELECT FROM queue_message q WHERE q.blob_hash = b.hash AND coalesce(q.tenant_id, 0) = b.tenant_id)
            """;
        await ExecuteAsync($"UPDATE blob b SET condemned_at = now() WHERE condemned_at IS NULL AND created_at < $1 AND {unreferenced}",
            clock.GetUtcNow() - BlobGrace, ct);

        var dead = new List<(TenantId Tenant, byte[] Hash)>();
        await using (var command = source.CreateCommand(
            $"SELECT tenant_id, hash FROM blob b WHERE condemned_at < $1 AND {unreferenced} LIMIT {Batch}"))
        {
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - BlobGrace });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                dead.Add((new TenantId(reader.GetInt64(0)), reader.GetFieldValue<byte[]>(1)));
            }
        }

        foreach (var (tenant, hash) in dead)
        {
            await blobs.DeleteAsync(tenant, hash, ct);
        }

        return dead.Count;
    }

    private async IAsyncEnumerable<AccountId> AccountsAsync(
        string sql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct, DateTimeOffset? before = null)
    {
        var accounts = new List<AccountId>();
        await using (var command = source.CreateCommand(sql))
        {
            if (before is { } at)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = at, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            }

            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                accounts.Add(new AccountId(reader.GetInt64(0)));
            }
        }

        foreach (var account in accounts)
        {
            yield return account;
        }
    }

    private async Task<int> ExecuteAsync(string sql, DateTimeOffset before, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlBatchCommand Command(string sql, long? account = null)
    {
        var command = new NpgsqlBatchCommand(sql);
        if (account is { } id)
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        }

        return command;
    }
}
