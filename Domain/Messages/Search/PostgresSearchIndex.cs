using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Search;

/// <summary>
/// Full text in <c>message_search</c>, the account first in its GIN index. Contents are indexed in the order of their ids, which is the
/// order in which they were committed; <c>search_progress</c> says how far. A transaction-level advisory lock keeps two indexers apart.
/// </summary>
public sealed partial class PostgresSearchIndex(MailDatabase database, MessageStore store, ILogger<PostgresSearchIndex> log) : ISearchIndex
{
    /// <summary>Characters of text that are indexed and kept.</summary>
    public const int MaxText = 256 * 1024;
    private const int Batch = 50;
    private const long LockSpace = 0x5345_4152L << 40;

    public async Task<bool> CatchUpAsync(AccountId account, TimeSpan atMost, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (await IndexBatchAsync(account, ct))
        {
            if (Stopwatch.GetElapsedTime(started) > atMost)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Accounts that have something to index; for the sweep.</summary>
    public async Task<IReadOnlyList<AccountId>> BehindAsync(int max, CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand("""
            SELECT s.account_id FROM account_state s LEFT JOIN search_progress p ON p.account_id = s.account_id
            WHERE s.mod_seq > coalesce(p.through, 0)
              AND EXISTS (SELECT FROM message_content c WHERE c.account_id = s.account_id AND c.id > coalesce(p.through, 0))
            LIMIT $1
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = max });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var accounts = new List<AccountId>();
        while (await reader.ReadAsync(ct))
        {
            accounts.Add(new AccountId(reader.GetInt64(0)));
        }

        return accounts;
    }

    public string Condition(SearchField field, string words, SqlParameters parameters)
    {
        var query = SearchQuery.Parse(words);
        if (query.IsEmpty)
        {
            return "false";
        }

        var column = field switch
        {
            SearchField.From => "from_text",
            SearchField.To => "to_text",
            SearchField.Cc => "cc_text",
            SearchField.Bcc => "bcc_text",
            _ => null,
        };
        var weights = field switch
        {
            SearchField.Subject => "A",
            SearchField.Body => "CD",
            SearchField.Anywhere => "",
            _ => "B",
        };
        var vector = $"x.vector @@ {parameters.Add(query.ToTsQuery(weights, allPrefixes: column is not null))}::tsquery";
        if (column is not null)
        {
            // The vector finds words among all addresses; the column says whether they stand in the right one.
            foreach (var phrase in query.Phrases)
            {
                foreach (var word in phrase)
                {
                    vector += $" AND x.{column} LIKE {parameters.Add($"%{word}%")}";
                }
            }
        }

        return $"m.content_id IN (SELECT x.content_id FROM message_search x WHERE x.account_id = $1 AND {vector})";
    }

    public async Task<IReadOnlyDictionary<ContentId, string>> TextsAsync(
        AccountId account, IReadOnlyCollection<ContentId> contents, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        parameters.Add(contents.Select(c => c.Value));
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = parameters.Command(
            connection, "SELECT content_id, text FROM message_search WHERE account_id = $1 AND content_id = ANY($2)");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var texts = new Dictionary<ContentId, string>();
        while (await reader.ReadAsync(ct))
        {
            texts[new ContentId(reader.GetInt64(0))] = reader.GetString(1);
        }

        return texts;
    }

    /// <summary>False when there was nothing to do.</summary>
    private async Task<bool> IndexBatchAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        var pending = await PendingAsync(connection, null, account, ct);
        if (pending.Count == 0)
        {
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var guard = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction))
        {
            guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockSpace ^ account.Value });
            await guard.ExecuteNonQueryAsync(ct);
        }

        // Again behind the lock: another may have done it meanwhile.
        pending = await PendingAsync(connection, transaction, account, ct);
        if (pending.Count == 0)
        {
            return false;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var content in pending)
        {
            batch.BatchCommands.Add(await InsertAsync(account, content, ct));
        }

        var progress = new NpgsqlBatchCommand("""
            INSERT INTO search_progress (account_id, through) VALUES ($1, $2)
            ON CONFLICT (account_id) DO UPDATE SET through = greatest(search_progress.through, excluded.through)
            """);
        progress.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        progress.Parameters.Add(new NpgsqlParameter<long> { TypedValue = pending[^1].Id });
        batch.BatchCommands.Add(progress);
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return pending.Count == Batch;
    }

    private sealed record Pending(long Id, MessageEnvelope? Envelope, BodyPart? Structure);

    private static async Task<List<Pending>> PendingAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, AccountId account, CancellationToken ct)
    {
        // Outside the transaction only to see whether there is anything at all.
        var columns = transaction is null ? "c.id, NULL, NULL" : "c.id, c.envelope::text, c.structure::text";
        await using var command = new NpgsqlCommand($"""
            SELECT {columns} FROM message_content c
            WHERE c.account_id = $1 AND c.id > coalesce((SELECT through FROM search_progress WHERE account_id = $1), 0)
            ORDER BY c.id LIMIT $2
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = transaction is null ? 1 : Batch });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var pending = new List<Pending>();
        while (await reader.ReadAsync(ct))
        {
            pending.Add(transaction is null
                ? new Pending(reader.GetInt64(0), null, null)
                : new Pending(
                    reader.GetInt64(0),
                    JsonSerializer.Deserialize(reader.GetString(1), MessageJson.Default.MessageEnvelope),
                    JsonSerializer.Deserialize(reader.GetString(2), MessageJson.Default.BodyPart)));
        }

        return pending;
    }

    private async Task<NpgsqlBatchCommand> InsertAsync(AccountId account, Pending content, CancellationToken ct)
    {
        var envelope = content.Envelope ?? new MessageEnvelope();
        var text = await TextAsync(account, content, ct);
        var vector = new SearchVector();
        vector.Add(envelope.Subject, 'A');
        var from = Addresses([.. envelope.From ?? [], .. envelope.Sender ?? []]);
        var to = Addresses(envelope.To);
        var cc = Addresses(envelope.Cc);
        var bcc = Addresses(envelope.Bcc);
        foreach (var addresses in new[] { from, to, cc, bcc })
        {
            vector.Add(addresses, 'B');
        }

        foreach (var name in Names(content.Structure))
        {
            vector.Add(name, 'C');
        }

        vector.Add(text, 'D');

        var insert = new NpgsqlBatchCommand("""
            INSERT INTO message_search (account_id, content_id, vector, text, subject_text, from_text, to_text, cc_text, bcc_text)
            VALUES ($1, $2, $3::tsvector, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_id, content_id) DO NOTHING
            """);
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = content.Id });
        foreach (var value in new[] { vector.ToString(), text, SubjectKey(envelope.Subject), from, to, cc, bcc })
        {
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return insert;
    }

    private async Task<string> TextAsync(AccountId account, Pending content, CancellationToken ct)
    {
        if (content.Structure is null)
        {
            return "";
        }

        try
        {
            await using var raw = await store.OpenRawAsync(account, new ContentId(content.Id), ct);
            return raw is null ? "" : MessageParser.ExtractText(raw, content.Structure, MaxText).Replace("\0", "", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or ArgumentException)
        {
            // One message that cannot be read must not keep the account's others from being found.
            LogUnreadable(log, e, account.Value, content.Id);
            return "";
        }
    }

    private static IEnumerable<string> Names(BodyPart? part)
    {
        if (part is null)
        {
            return [];
        }

        var below = (part.Parts ?? []).Concat(part.Message is { } inside ? [inside] : []).SelectMany(Names);
        return part.FileName is { Length: > 0 } name ? below.Prepend(name) : below;
    }

    private static string Addresses(IReadOnlyList<HeaderAddress>? addresses) =>
        SearchWords.Fold(string.Join(", ", (addresses ?? []).Take(1000)
            .Where(a => a.Email is not null || a.Group is not null)
            .Select(a => a.Group ?? (a.Name is { Length: > 0 } name ? $"{name} <{a.Email}>" : a.Email))));

    /// <summary>The order of subjects: without reply and forward marks.</summary>
    private static string SubjectKey(string? subject)
    {
        var key = SearchWords.Fold(subject ?? "").Trim();
        while (key.StartsWith("re:", StringComparison.Ordinal) || key.StartsWith("fw:", StringComparison.Ordinal)
            || key.StartsWith("fwd:", StringComparison.Ordinal))
        {
            key = key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart();
        }

        return key.Length > 200 ? key[..200] : key;
    }

    [LoggerMessage(6001, LogLevel.Warning, "The text of content {Content} of account {Account} could not be read for the index")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, long account, long content);
}
