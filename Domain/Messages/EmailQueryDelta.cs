using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>How the results of a query changed (RFC 8620 §5.6): take these out, then put these in, in order.</summary>
public sealed record EmailQueryDelta(IReadOnlyList<MessageId> Removed, IReadOnlyList<(MessageId Id, int Index)> Added, int Total, ModSeq State);

public sealed partial class EmailQueryService
{
    /// <summary>Emails that changed, and members of the threads that they touch, at most; a client with more to learn reads its window again.</summary>
    public const int MaxDelta = 5_000;

    /// <summary>Results of a query that no list keeps, at most.</summary>
    public const int MaxDeltaResults = 20_000;

    /// <summary>
    /// Null when it cannot be told: the state is unknown or too old, or too much changed. Names more than is needed (every email that
    /// changed, and with threads all of a thread that changed), which the RFC allows.
    /// </summary>
    public async Task<EmailQueryDelta?> QueryChangesAsync(AccountId account, EmailQuery query, ModSeq since, CancellationToken ct)
    {
        if (query.Filter?.Needs(f => f is EmailQueryFilter.Text) == true)
        {
            await search.CatchUpAsync(account, CatchUp, ct);
        }

        var headers = await HeaderMatchesAsync(account, query.Filter, ct);
        if (!headers.Ok)
        {
            return null;
        }

        await using var connection = await database.OpenAsync(account, ct);
        if (await StateSinceAsync(connection, account, since, ct) is not { } now)
        {
            return null;
        }

        var byThread = query.CollapseThreads || query.Filter?.Needs(
            f => f is EmailQueryFilter.AllInThreadHaveKeyword or EmailQueryFilter.SomeInThreadHaveKeyword) == true;
        if (EmailListView.Of(query) is { } view)
        {
            // The list stands still while it is asked. What is read after it is all that made it what it is, and perhaps more.
            return await lists.AskAsync<EmailQueryDelta?>(connection, account, view.Mailbox, async list =>
            {
                var through = list.Through;
                return through == since.Value
                    ? new EmailQueryDelta([], [], list.Total(view.View), since)
                    : await TouchedAsync(connection, account, view.Mailbox, since, byThread, ct) is { } touched
                        ? Delta(touched, list.Places(view.View, touched), list.Total(view.View), since, new ModSeq(through))
                        : null;
            }, ct);
        }

        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        now = new ModSeq(await ScalarAsync(connection, account, "SELECT mod_seq FROM account_state WHERE account_id = $1", ct));
        if (await TouchedAsync(connection, account, null, since, byThread, ct) is not { } changed)
        {
            return null;
        }

        var plan = await PlanAsync(connection, account, query, headers.Value, ct);
        var all = query.CollapseThreads
            ? await WalkAsync(connection, plan, MaxDeltaResults + 1, ct)
            : await ReadIdsAsync(connection, plan, plan.OrderBy, 0, MaxDeltaResults + 1, ct);
        return all.Count > MaxDeltaResults
            ? null
            : Delta(changed, [.. all.Select((id, i) => (id.Value, i)).Where(x => changed.Contains(x.Value))], all.Count, since, now);
    }

    private static EmailQueryDelta Delta(
        HashSet<long> touched, IReadOnlyList<(long Id, int Index)> places, int total, ModSeq since, ModSeq state) => new(
        [.. touched.Where(id => id <= since.Value).Select(id => new MessageId(id))],
        [.. places.Select(p => (new MessageId(p.Id), p.Index))],
        total,
        state);

    /// <summary>Emails that came, changed or left since, with all others of their threads where asked. Null where it is too many, or the threads are not known.</summary>
    private static async Task<HashSet<long>?> TouchedAsync(
        NpgsqlConnection connection, AccountId account, MailboxId? mailbox, ModSeq since, bool byThread, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        parameters.Add(since.Value);
        var here = mailbox is { } box ? $"AND mailbox_id = {parameters.Add(box.Value)}" : "";
        var touched = new HashSet<long>();
        var threads = new HashSet<long>();
        await using (var command = parameters.Command(connection, $"""
            SELECT id, thread_id FROM message WHERE account_id = $1 AND mod_seq > $2 {here}
            UNION ALL
            SELECT message_id, thread_id FROM message_tombstone WHERE account_id = $1 AND mod_seq > $2 {here}
            LIMIT {MaxDelta + 1}
            """))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                touched.Add(reader.GetInt64(0));
                if (byThread && reader.IsDBNull(1))
                {
                    return null;
                }

                threads.Add(reader.IsDBNull(1) ? 0 : reader.GetInt64(1));
            }
        }

        if (byThread && touched.Count <= MaxDelta && threads.Count > 0)
        {
            parameters = new SqlParameters();
            parameters.Add(account.Value);
            parameters.Add(threads);
            here = mailbox is { } again ? $"AND mailbox_id = {parameters.Add(again.Value)}" : "";
            await using var command = parameters.Command(
                connection, $"SELECT id FROM message WHERE account_id = $1 AND thread_id = ANY($2) {here} LIMIT {MaxDelta + 1}");
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                touched.Add(reader.GetInt64(0));
            }
        }

        return touched.Count > MaxDelta ? null : touched;
    }
}
