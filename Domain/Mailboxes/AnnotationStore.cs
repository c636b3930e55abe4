using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Mailboxes;

/// <summary>Annotations of mailboxes and accounts (RFC 5464): read whole, since an object has few and they are small.</summary>
public sealed class AnnotationStore(MailDatabase database, IChangeFeed feed)
{
    /// <summary>Octets of a value.</summary>
    public const int MaxValue = 64 * 1024;
    public const int MaxPerObject = 100;
    public const int MaxPerAccount = 2000;
    public const int MaxEntryLength = 255;
    private const int MaxLevels = 20;

    /// <summary>"/private/..." or "/shared/...", printable ASCII without wildcards, every level with a name (RFC 5464 §3.1).</summary>
    public static bool IsEntry(string entry) =>
        entry.Length <= MaxEntryLength
        && (entry.StartsWith("/private/", StringComparison.Ordinal) || entry.StartsWith("/shared/", StringComparison.Ordinal)
            || entry is "/private" or "/shared")
        && !entry.EndsWith('/') && !entry.Contains("//", StringComparison.Ordinal)
        && entry.All(c => c is > ' ' and < '\x7f' and not ('*' or '%')) && entry.Count(c => c == '/') <= MaxLevels;

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<Annotation>> ListAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT entry, value FROM annotation WHERE account_id = $1 AND mailbox_id = $2 ORDER BY entry COLLATE \"C\"", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
        var all = new List<Annotation>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            all.Add(new Annotation
            {
                AccountId = account,
                MailboxId = mailbox,
                Entry = reader.GetString(0),
                Value = reader.GetFieldValue<byte[]>(1),
            });
        }

        return all;
    }

    /// <summary>What there is in the whole account, and when it was set; no values (RFC 5465 §5.6, §5.7).</summary>
    public async Task<IReadOnlyDictionary<(MailboxId Mailbox, string Entry), long>> EntriesAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("SELECT mailbox_id, entry, mod_seq FROM annotation WHERE account_id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        var entries = new Dictionary<(MailboxId, string), long>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            entries[(new MailboxId(reader.GetInt64(0)), reader.GetString(1))] = reader.GetInt64(2);
        }

        return entries;
    }

    /// <summary>Sets what has a value and removes what has none; all or nothing. Refusals: TooLarge, LimitReached, NotFound.</summary>
    public async Task<Refusal?> SetAsync(
        AccountId account, MailboxId mailbox, IReadOnlyList<(string Entry, byte[]? Value)> values, CancellationToken ct)
    {
        if (values.Any(v => v.Value?.Length > MaxValue))
        {
            return new Refusal(RefusalReason.TooLarge, $"A value has at most {MaxValue} octets.");
        }

        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // The account's lock: limits are counted behind it, and a mailbox that goes takes its annotations along.
        long modSeq;
        await using (var gate = new NpgsqlCommand("""
            UPDATE account_state SET mod_seq = mod_seq + 1
            WHERE account_id = $1 AND ($2 = 0 OR EXISTS (SELECT FROM mailbox WHERE account_id = $1 AND id = $2)) RETURNING mod_seq
            """, connection))
        {
            gate.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            gate.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
            if (await gate.ExecuteScalarAsync(ct) is not long next)
            {
                return Refusal.NotFound("mailbox");
            }

            modSeq = next;
        }

        foreach (var (entry, value) in values)
        {
            await using var command = new NpgsqlCommand(
                value is null
                    ? "DELETE FROM annotation WHERE account_id = $1 AND mailbox_id = $2 AND entry = $3"
                    : "INSERT INTO annotation (account_id, mailbox_id, entry, value, mod_seq) VALUES ($1, $2, $3, $4, $5) "
                        + "ON CONFLICT (account_id, mailbox_id, entry) DO UPDATE SET value = $4, mod_seq = $5",
                connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry });
            if (value is not null)
            {
                command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value });
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = modSeq });
            }

            await command.ExecuteNonQueryAsync(ct);
        }

        await using (var count = new NpgsqlCommand(
            "SELECT count(*), count(*) FILTER (WHERE mailbox_id = $2) FROM annotation WHERE account_id = $1", connection))
        {
            count.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            count.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
            await using var reader = await count.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            if (reader.GetInt64(0) > MaxPerAccount || reader.GetInt64(1) > MaxPerObject)
            {
                return new Refusal(RefusalReason.LimitReached, "Too many annotations.");
            }
        }

        await transaction.CommitAsync(ct);
        feed.Publish(account, new ModSeq(modSeq));
        return null;
    }
}
