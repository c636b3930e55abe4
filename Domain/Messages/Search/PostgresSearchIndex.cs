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
public sealed partial class PostgresSearchIndex(
    MailDatabase database, MessageStore store, SearchBlocks blocks, ILogger<PostgresSearchIndex> log) : ISearchIndex
{
    /// <summary>Characters of text that are indexed and kept.</summary>
    public const int MaxText = 256 * 1024;
    private const int Batch = 50;

    /// <summary>Changes of an account after which it is looked whether a block of <see cref="SearchBlocks"/> can be built.</summary>
    private const int BlockEvery = SearchBlocks.Slots / 2;
    private const long LockSpace = 0x5345_4152L << 40;

    public async Task<bool> CatchUpAsync(AccountId account, TimeSpan atMost, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        (long From, long Through)? all = null;
        while (await IndexBatchAsync(account, ct) is { } done)
        {
            all = (all?.From ?? done.From, done.Through);
            if (Stopwatch.GetElapsedTime(started) > atMost)
            {
                return false;
            }
        }

        if (all is { } range && range.From / BlockEvery != range.Through / BlockEvery)
        {
            await blocks.CatchUpAsync(account, atMost - Stopwatch.GetElapsedTime(started), ct);
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

    /// <summary>Indexes the next contents. Null when there was nothing to do.</summary>
    private async Task<(long From, long Through)?> IndexBatchAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        if (!await IsBehindAsync(connection, account, ct))
        {
            return null;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        var pending = await PendingAsync(connection, transaction, account, ct);
        if (pending.Count == 0)
        {
            return null;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var content in pending)
        {
            batch.BatchCommands.Add(Insert(account, content, await TextAsync(account, content, ct)));
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
        return (pending[0].Id - 1, pending[^1].Id);
    }

    /// <param name="Id">Of the content.</param>
    /// <param name="Envelope">As stored.</param>
    /// <param name="Structure">As stored.</param>
    /// <param name="Raw">The whole message; null where it stands in the blob store.</param>
    private sealed record Pending(long Id, MessageEnvelope Envelope, BodyPart Structure, byte[]? Raw);

    private static async Task<bool> IsBehindAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT 1 FROM message_content c
            WHERE c.account_id = $1 AND c.id > coalesce((SELECT through FROM search_progress WHERE account_id = $1), 0) LIMIT 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    private static async Task<List<Pending>> PendingAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, AccountId account, CancellationToken ct)
    {
        // The second statement looks behind the lock: another may have done it meanwhile. A crash may take the index back with its progress.
        await using var batch = new NpgsqlBatch(connection, transaction);
        var guard = new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1), set_config('synchronous_commit', 'off', true)");
        guard.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockSpace ^ account.Value });
        batch.BatchCommands.Add(guard);
        var select = new NpgsqlBatchCommand("""
            SELECT c.id, c.envelope, c.structure, c.header, c.body FROM message_content c
            WHERE c.account_id = $1 AND c.id > coalesce((SELECT through FROM search_progress WHERE account_id = $1), 0)
            ORDER BY c.id LIMIT $2
            """);
        select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        select.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
        batch.BatchCommands.Add(select);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var pending = new List<Pending>();
        while (await reader.ReadAsync(ct))
        {
            pending.Add(new Pending(
                reader.GetInt64(0),
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(1), MessageJson.Default.MessageEnvelope)!,
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(2), MessageJson.Default.BodyPart)!,
                reader.IsDBNull(4) ? null : Zstd.Decompress(reader.GetFieldValue<byte[]>(3), reader.GetFieldValue<byte[]>(4))));
        }

        return pending;
    }

    private static NpgsqlBatchCommand Insert(AccountId account, Pending content, string text)
    {
        var envelope = content.Envelope;
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
        try
        {
            await using var raw = content.Raw is { } inline
                ? new MemoryStream(inline, writable: false)
                : await store.OpenRawAsync(account, new ContentId(content.Id), ct);
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
