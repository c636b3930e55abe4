using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

public sealed partial class EmailQueryService
{
    /// <summary>The emails of each thread, oldest first. Threads without any are left out.</summary>
    public async Task<IReadOnlyDictionary<ThreadId, IReadOnlyList<MessageId>>> ThreadsAsync(
        AccountId account, IReadOnlyCollection<ThreadId> threads, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        parameters.Add(threads.Select(t => t.Value));
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = parameters.Command(connection, """
            SELECT thread_id, id FROM message WHERE account_id = $1 AND thread_id = ANY($2) AND flags & 8 = 0
            ORDER BY thread_id, internal_date, id
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new Dictionary<ThreadId, IReadOnlyList<MessageId>>();
        while (await reader.ReadAsync(ct))
        {
            var thread = new ThreadId(reader.GetInt64(0));
            if (!found.TryGetValue(thread, out var emails))
            {
                found[thread] = emails = new List<MessageId>();
            }

            ((List<MessageId>)emails).Add(new MessageId(reader.GetInt64(1)));
        }

        return found;
    }

    /// <summary>Threads in each mailbox, and those with an unread email in it; from the list index alone.</summary>
    public async Task<IReadOnlyDictionary<MailboxId, (int Total, int Unread)>> ThreadCountsAsync(
        AccountId account, IReadOnlyCollection<MailboxId> mailboxes, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        parameters.Add(mailboxes.Select(m => m.Value));
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = parameters.Command(connection, """
            SELECT mailbox_id, count(DISTINCT thread_id)::int, (count(DISTINCT thread_id) FILTER (WHERE flags & 1 = 0))::int
            FROM message WHERE account_id = $1 AND mailbox_id = ANY($2) AND flags & 8 = 0 GROUP BY mailbox_id
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var counts = new Dictionary<MailboxId, (int, int)>();
        while (await reader.ReadAsync(ct))
        {
            counts[new MailboxId(reader.GetInt64(0))] = (reader.GetInt32(1), reader.GetInt32(2));
        }

        return counts;
    }

    /// <summary>Unread emails of a mailbox that has some with \Deleted, whose counter counts those too.</summary>
    public async Task<int> VisibleUnreadAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT count(*)::int FROM message WHERE account_id = $1 AND mailbox_id = $2 AND flags & 9 = 0", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The thread of an email, for a submission.</summary>
    public async Task<MessageRow?> RowAsync(AccountId account, MessageId id, CancellationToken ct) =>
        (await store.RowsAsync(account, new MessageSelection.ById([id]), ct)) is [var row] && (row.Flags & MessageFlags.Deleted) == 0 ? row : null;
}
