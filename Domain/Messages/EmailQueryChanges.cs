using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>What changed of one type since a state; null lists where it cannot be told.</summary>
public sealed record TypeChanges(
    IReadOnlyList<long> Created, IReadOnlyList<long> Updated, IReadOnlyList<long> Destroyed, ModSeq Through, bool HasMore)
{
    /// <summary>Mailboxes: only counts changed.</summary>
    public bool CountsOnly { get; init; }
}

public sealed partial class EmailQueryService
{
    public async Task<ModSeq> StateAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        return new ModSeq(await ScalarAsync(connection, account, "SELECT mod_seq FROM account_state WHERE account_id = $1", ct));
    }

    /// <summary>Whether what changed since can be told at all.</summary>
    public async Task<bool> RemembersAsync(AccountId account, ModSeq since, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        return await StateSinceAsync(connection, account, since, ct) is not null;
    }

    /// <summary>Null when it cannot be told: the state is unknown or too old, or one change is larger than <paramref name="max"/>.</summary>
    public async Task<TypeChanges?> EmailChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        if (await StateSinceAsync(connection, account, since, ct) is not { } now)
        {
            return null;
        }

        // A message that got \Deleted left JMAP's view; one that came and went since is nobody's business.
        await using var command = Changes(connection, account, since, max, """
            SELECT mod_seq, id, CASE WHEN flags & 8 <> 0 THEN 'd' WHEN id > $2 THEN 'c' ELSE 'u' END AS kind
            FROM message WHERE account_id = $1 AND mod_seq > $2 AND NOT (flags & 8 <> 0 AND id > $2)
            UNION ALL
            SELECT mod_seq, message_id, 'd' FROM message_tombstone
            WHERE account_id = $1 AND mod_seq > $2 AND NOT moved AND message_id <= $2
            ORDER BY 1 LIMIT $3
            """);
        return await CutAsync(command, now, max, ct);
    }

    /// <summary>Null when it cannot be told.</summary>
    public async Task<TypeChanges?> ThreadChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        if (await StateSinceAsync(connection, account, since, ct) is not { } now)
        {
            return null;
        }

        // A release before this one wrote tombstones without their thread: what they took away cannot be told.
        await using (var unknown = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2 AND NOT moved AND message_id <= $2 AND thread_id IS NULL)",
            connection))
        {
            unknown.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            unknown.Parameters.Add(new NpgsqlParameter<long> { TypedValue = since.Value });
            if (await unknown.ExecuteScalarAsync(ct) is true)
            {
                return null;
            }
        }

        // Emails never change their thread: it changes by those that came, left, or were hidden by \Deleted. A thread is new where nothing of
        // what it holds or lost was there before, and gone where nothing of it is left; one that came and went is nobody's business.
        await using var command = Changes(connection, account, since, max, """
            SELECT min(x.mod_seq), x.thread_id, CASE
              WHEN NOT EXISTS (SELECT FROM message m WHERE m.account_id = $1 AND m.thread_id = x.thread_id AND m.flags & 8 = 0) THEN 'd'
              WHEN bool_or(x.known)
                OR EXISTS (SELECT FROM message m WHERE m.account_id = $1 AND m.thread_id = x.thread_id AND m.id <= $2) THEN 'u'
              ELSE 'c' END
            FROM (
              SELECT mod_seq, thread_id, id <= $2 AS known FROM message
              WHERE account_id = $1 AND mod_seq > $2 AND (id > $2 OR flags & 8 <> 0)
              UNION ALL
              SELECT mod_seq, thread_id, message_id <= $2 FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2 AND NOT moved
            ) AS x
            WHERE x.thread_id IS NOT NULL
            GROUP BY x.thread_id
            HAVING bool_or(x.known) OR EXISTS (SELECT FROM message m WHERE m.account_id = $1 AND m.thread_id = x.thread_id AND m.flags & 8 = 0)
            ORDER BY 1 LIMIT $3
            """);
        return await CutAsync(command, now, max, ct);
    }

    /// <summary>Null when it cannot be told.</summary>
    public async Task<TypeChanges?> MailboxChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        if (await StateSinceAsync(connection, account, since, ct) is not { } now)
        {
            return null;
        }

        await using var command = Changes(connection, account, since, max, """
            SELECT greatest(changed_mod_seq, highest_mod_seq, created_mod_seq), id,
              CASE WHEN created_mod_seq > $2 THEN 'c' WHEN changed_mod_seq > $2 THEN 'u' ELSE 'n' END
            FROM mailbox WHERE account_id = $1 AND greatest(changed_mod_seq, highest_mod_seq, created_mod_seq) > $2
            UNION ALL
            SELECT mod_seq, mailbox_id, 'd' FROM mailbox_tombstone WHERE account_id = $1 AND mod_seq > $2
            ORDER BY 1 LIMIT $3
            """);
        return await CutAsync(command, now, max, ct);
    }

    /// <summary>Submissions are never destroyed.</summary>
    public async Task<TypeChanges?> SubmissionChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        if (await StateSinceAsync(connection, account, since, ct) is not { } now)
        {
            return null;
        }

        await using var command = Changes(connection, account, since, max, """
            SELECT mod_seq, id, CASE WHEN id > $2 THEN 'c' ELSE 'u' END
            FROM email_submission WHERE account_id = $1 AND mod_seq > $2 ORDER BY 1 LIMIT $3
            """);
        return await CutAsync(command, now, max, ct);
    }

    /// <summary>Which types changed after a point, for push: "Email", "Mailbox", "Thread", "EmailSubmission", "Identity".</summary>
    public async Task<(ModSeq State, IReadOnlyList<string> Types)> ChangedTypesAsync(AccountId account, ModSeq since, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT s.mod_seq,
              EXISTS (SELECT FROM message WHERE account_id = $1 AND mod_seq > $2)
                OR EXISTS (SELECT FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2),
              EXISTS (SELECT FROM message WHERE account_id = $1 AND id > $2)
                OR EXISTS (SELECT FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2 AND NOT moved),
              EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND greatest(changed_mod_seq, highest_mod_seq, created_mod_seq) > $2)
                OR EXISTS (SELECT FROM mailbox_tombstone WHERE account_id = $1 AND mod_seq > $2),
              EXISTS (SELECT FROM email_submission WHERE account_id = $1 AND mod_seq > $2),
              EXISTS (SELECT FROM identity WHERE account_id = $1 AND mod_seq > $2)
            FROM account_state s WHERE s.account_id = $1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = since.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return (since, []);
        }

        string[] names = ["Email", "Thread", "Mailbox", "EmailSubmission", "Identity"];
        var types = new List<string>();
        for (var i = 0; i < names.Length; i++)
        {
            if (reader.GetBoolean(i + 1))
            {
                types.Add(names[i]);
            }
        }

        return (new ModSeq(reader.GetInt64(0)), types);
    }

    private static NpgsqlCommand Changes(NpgsqlConnection connection, AccountId account, ModSeq since, int max, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = since.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = max + 1 });
        return command;
    }

    /// <summary>The state now; null where <paramref name="since"/> lies in the future or before the tombstones that are kept.</summary>
    private static async Task<ModSeq?> StateSinceAsync(NpgsqlConnection connection, AccountId account, ModSeq since, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT mod_seq, tombstones_from FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) && since.Value <= reader.GetInt64(0) && since.Value >= reader.GetInt64(1)
            ? new ModSeq(reader.GetInt64(0))
            : null;
    }

    /// <summary>Keeps what one answer may hold. A state lies between two modseqs, so the cut never goes through the changes of one.</summary>
    private static async Task<TypeChanges?> CutAsync(NpgsqlCommand command, ModSeq now, int max, CancellationToken ct)
    {
        var rows = new List<(long ModSeq, long Id, char Kind)>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                rows.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)[0]));
            }
        }

        var more = rows.Count > max;
        if (more)
        {
            var last = rows[max].ModSeq;
            rows.RemoveAll(r => r.ModSeq >= last);
            if (rows.Count == 0)
            {
                return null;
            }

            now = new ModSeq(rows[^1].ModSeq);
        }

        long[] Of(string kinds) => [.. rows.Where(r => kinds.Contains(r.Kind, StringComparison.Ordinal)).Select(r => r.Id)];
        return new TypeChanges(Of("c"), Of("un"), Of("d"), now, more) { CountsOnly = rows.All(r => r.Kind != 'u') };
    }
}
