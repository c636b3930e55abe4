using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Messages.Search;

namespace SaaS.Domain.Messages;

/// <summary>Reads that only JMAP needs: queries, changes and threads. Messages with \Deleted are invisible here (RFC 8621 §4.1.1).</summary>
public sealed partial class EmailQueryService(MailDatabase database, MessageStore store, ISearchIndex search, MessageListCache lists)
{
    /// <summary>Headers that one query may read for a header condition.</summary>
    public const int MaxHeadersRead = 20_000;
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(10);

    /// <summary>Refusals: NotFound (the anchor), LimitReached (a header condition over too many messages).</summary>
    public async Task<Outcome<EmailQueryResult>> QueryAsync(AccountId account, EmailQuery query, CancellationToken ct)
    {
        if (query.Filter?.Needs(f => f is EmailQueryFilter.Text) == true
            || query.Sort.Any(s => s.Property is EmailSortProperty.From or EmailSortProperty.To or EmailSortProperty.Subject))
        {
            await search.CatchUpAsync(account, CatchUp, ct);
        }

        var headers = await HeaderMatchesAsync(account, query.Filter, ct);
        if (!headers.Ok)
        {
            return headers.Refusal;
        }

        await using var connection = await database.OpenAsync(account, ct);
        var state = new ModSeq(await ScalarAsync(connection, account, "SELECT mod_seq FROM account_state WHERE account_id = $1", ct));
        var plan = await PlanAsync(connection, account, query, headers.Value, ct);
        if (EmailListView.Of(query) is { } view && IsForList(account, view, query, plan))
        {
            return await lists.AskAsync(connection, account, view.Mailbox, list => FromList(list, view.View, query, state), ct);
        }

        if (query.Anchor is not null)
        {
            return await AroundAnchorAsync(connection, plan, query, state, ct);
        }

        if (query.CollapseThreads)
        {
            return await CollapsedAsync(connection, plan, query, state, ct);
        }

        int? total = query.CalculateTotal || query.Position < 0 ? await TotalAsync(connection, plan, ct) : null;
        var position = query.Position < 0 ? Math.Max(0, total!.Value + query.Position) : query.Position;
        var ids = await PageAsync(connection, plan, position, query.Limit, ct);
        return new EmailQueryResult(ids, position, query.CalculateTotal ? total : null, state);
    }

    /// <summary>A statement in pieces, and the totals where the mailbox's counters tell them: of the filter, and of the mailbox.</summary>
    private sealed record Plan(
        SqlParameters Parameters, string From, string Where, string OrderBy, string? Reverse, int? KnownTotal, int MailboxTotal);

    /// <summary>The first page of a list that nobody asked for yet is read from its index; so is a mailbox that is small, or too large to keep.</summary>
    private bool IsForList(AccountId account, EmailListView view, EmailQuery query, Plan plan)
    {
        const int small = 500;
        if (plan.MailboxTotal is < small or > MessageListCache.MostMessages)
        {
            return false;
        }

        return query.Anchor is not null || query.Position < 0 || query.Position + (long)query.Limit > small
            || (query.CalculateTotal && (query.CollapseThreads || plan.KnownTotal is null))
            || lists.Holds(account, view.Mailbox);
    }

    private static Outcome<EmailQueryResult> FromList(MessageList list, MessageList.View view, EmailQuery query, ModSeq state)
    {
        int? total = query.CalculateTotal || query.Position < 0 ? list.Total(view) : null;
        int position;
        if (query.Anchor is { } anchor)
        {
            if (list.Place(view, anchor.Value) is not { } at)
            {
                return Refusal.NotFound("anchor");
            }

            position = (int)Math.Max(0, (long)at + query.AnchorOffset);
        }
        else
        {
            position = query.Position < 0 ? Math.Max(0, total!.Value + query.Position) : query.Position;
        }

        return new EmailQueryResult(
            [.. list.Page(view, position, query.Limit).Select(id => new MessageId(id))], position, query.CalculateTotal ? total : null, state);
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, AccountId account, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return await command.ExecuteScalarAsync(ct) is long value ? value : 0;
    }

    private async Task<Plan> PlanAsync(
        NpgsqlConnection connection, AccountId account, EmailQuery query,
        IReadOnlyDictionary<EmailQueryFilter.Header, IReadOnlyList<long>> headers, CancellationToken ct)
    {
        var parameters = new SqlParameters();
        parameters.Add(account.Value);
        var sql = new EmailQuerySql(parameters, search, headers);
        var byDate = query.Sort.Count == 0 || (query.Sort.Count == 1 && query.Sort[0].Property == EmailSortProperty.ReceivedAt);
        var ascending = query.Sort.Count > 0 && query.Sort[0].Ascending;
        var reverse = !byDate ? null : ascending ? "m.internal_date DESC, m.id DESC" : "m.internal_date, m.id";
        var hidden = "m.flags & 8 = 0";
        int? total = null;
        var mailboxTotal = 0;
        if (Single(query.Filter) is { } one)
        {
            // The page is read from the index alone, and the total from the mailbox's counters.
            await using var command = new NpgsqlCommand(
                "SELECT total, unseen, deleted_count FROM mailbox WHERE account_id = $1 AND id = $2", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = one.Mailbox.Value });
            await using var reader = await command.ExecuteReaderAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                total = 0;
            }
            else
            {
                mailboxTotal = reader.GetInt32(0);
                if (reader.GetInt32(2) == 0)
                {
                    hidden = "true";
                    total = one.Unseen ? reader.GetInt32(1) : mailboxTotal;
                }
                else if (!one.Unseen)
                {
                    total = mailboxTotal - reader.GetInt32(2);
                }
            }
        }
        else if (EmailListView.Of(query) is { } view)
        {
            await using var command = new NpgsqlCommand("SELECT total FROM mailbox WHERE account_id = $1 AND id = $2", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = view.Mailbox.Value });
            mailboxTotal = await command.ExecuteScalarAsync(ct) is int n ? n : 0;
        }

        var where = $"m.account_id = $1 AND {hidden} AND {sql.Where(query.Filter)}";
        return new Plan(parameters, "message m" + EmailQuerySql.Joins(query.Sort), where, sql.OrderBy(query.Sort), reverse, total, mailboxTotal);
    }

    /// <summary>The mailbox of a filter that is "in this mailbox", or that and "unread"; else null.</summary>
    private static (MailboxId Mailbox, bool Unseen)? Single(EmailQueryFilter? filter)
    {
        if (filter is EmailQueryFilter.InMailbox alone)
        {
            return (alone.Mailbox, false);
        }

        if (filter is EmailQueryFilter.And { All: [EmailQueryFilter.InMailbox box, var rest] }
            && rest is EmailQueryFilter.Not { None: [EmailQueryFilter.HasKeyword seen] }
            && EmailQueryKeywords.FlagOf(seen.Keyword) == MessageFlags.Seen)
        {
            return (box.Mailbox, true);
        }

        return null;
    }

    private static async Task<int> TotalAsync(NpgsqlConnection connection, Plan plan, CancellationToken ct)
    {
        if (plan.KnownTotal is { } known)
        {
            return known;
        }

        await using var command = plan.Parameters.Command(connection, $"SELECT count(*) FROM message m WHERE {plan.Where}");
        return (int)(long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task<List<MessageId>> PageAsync(NpgsqlConnection connection, Plan plan, int position, int limit, CancellationToken ct)
    {
        if (limit == 0)
        {
            return [];
        }

        // A jump past the middle comes from the other end of the index.
        if (plan is { KnownTotal: { } total, Reverse: { } reverse } && position > total / 2)
        {
            var end = Math.Min(total, position + limit);
            if (end <= position)
            {
                return [];
            }

            var reversed = await ReadIdsAsync(connection, plan, reverse, total - end, end - position, ct);
            reversed.Reverse();
            return reversed;
        }

        return await ReadIdsAsync(connection, plan, plan.OrderBy, position, limit, ct);
    }

    private static async Task<List<MessageId>> ReadIdsAsync(
        NpgsqlConnection connection, Plan plan, string orderBy, int offset, int limit, CancellationToken ct)
    {
        await using var command = plan.Parameters.Command(connection,
            $"SELECT m.id FROM {plan.From} WHERE {plan.Where} ORDER BY {orderBy} LIMIT {limit} OFFSET {offset}");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<MessageId>();
        while (await reader.ReadAsync(ct))
        {
            ids.Add(new MessageId(reader.GetInt64(0)));
        }

        return ids;
    }

    /// <summary>One email for each thread, the first in order; reads on only until the page is full.</summary>
    private static async Task<Outcome<EmailQueryResult>> CollapsedAsync(
        NpgsqlConnection connection, Plan plan, EmailQuery query, ModSeq state, CancellationToken ct)
    {
        if (query.Position < 0 || query.CalculateTotal)
        {
            // With a total, all thread ids must be seen; from the index alone where the order is that of the index.
            var all = await WalkAsync(connection, plan, int.MaxValue, ct);
            var from = query.Position < 0 ? Math.Max(0, all.Count + query.Position) : query.Position;
            return new EmailQueryResult([.. all.Skip(from).Take(query.Limit)], from, query.CalculateTotal ? all.Count : null, state);
        }

        var ids = await WalkAsync(connection, plan, (int)Math.Min(int.MaxValue, (long)query.Position + query.Limit), ct);
        return new EmailQueryResult([.. ids.Skip(query.Position)], query.Position, null, state);
    }

    /// <summary>The first emails of the first threads, in order. Pieces grow, so that a first page reads little and a whole list is one statement or two.</summary>
    private static async Task<List<MessageId>> WalkAsync(NpgsqlConnection connection, Plan plan, int wanted, CancellationToken ct)
    {
        var seen = new HashSet<long>();
        var ids = new List<MessageId>();
        var offset = 0;
        var piece = wanted == int.MaxValue ? wanted : Math.Max(200, wanted * 3);
        while (ids.Count < wanted)
        {
            await using var command = plan.Parameters.Command(connection,
                $"SELECT m.id, m.thread_id FROM {plan.From} WHERE {plan.Where} ORDER BY {plan.OrderBy} LIMIT {piece} OFFSET {offset}");
            await using var reader = await command.ExecuteReaderAsync(ct);
            var read = 0;
            while (await reader.ReadAsync(ct))
            {
                read++;
                if (ids.Count < wanted && seen.Add(reader.GetInt64(1)))
                {
                    ids.Add(new MessageId(reader.GetInt64(0)));
                }
            }

            if (read < piece)
            {
                break;
            }

            offset += piece;
            piece = (int)Math.Min(100_000, piece * 4L);
        }

        return ids;
    }

    private static async Task<Outcome<EmailQueryResult>> AroundAnchorAsync(
        NpgsqlConnection connection, Plan plan, EmailQuery query, ModSeq state, CancellationToken ct)
    {
        var all = query.CollapseThreads
            ? await WalkAsync(connection, plan, int.MaxValue, ct)
            : await ReadIdsAsync(connection, plan, plan.OrderBy, 0, int.MaxValue, ct);
        var at = all.IndexOf(query.Anchor!.Value);
        if (at < 0)
        {
            return Refusal.NotFound("anchor");
        }

        var position = Math.Max(0, at + query.AnchorOffset);
        return new EmailQueryResult(
            [.. all.Skip(position).Take(query.Limit)], position, query.CalculateTotal ? all.Count : null, state);
    }

    private async Task<Outcome<IReadOnlyDictionary<EmailQueryFilter.Header, IReadOnlyList<long>>>> HeaderMatchesAsync(
        AccountId account, EmailQueryFilter? filter, CancellationToken ct)
    {
        var wanted = new List<EmailQueryFilter.Header>();
        _ = filter?.Needs(f =>
        {
            if (f is EmailQueryFilter.Header header)
            {
                wanted.Add(header);
            }

            return false;
        });
        var found = wanted.Distinct().ToDictionary(h => h, _ => new List<long>());
        if (found.Count > 0)
        {
            var contents = new List<ContentId>();
            await using (var connection = await database.OpenAsync(account, ct))
            await using (var command = new NpgsqlCommand(
                "SELECT id FROM message_content WHERE account_id = $1 ORDER BY id DESC LIMIT $2", connection))
            {
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxHeadersRead + 1 });
                await using var reader = await command.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct))
                {
                    contents.Add(new ContentId(reader.GetInt64(0)));
                }
            }

            if (contents.Count > MaxHeadersRead)
            {
                return new Refusal(RefusalReason.LimitReached, "Too many messages to look through their headers.");
            }

            foreach (var piece in contents.Chunk(500))
            {
                foreach (var (content, bytes) in await store.HeadersAsync(account, piece, ct))
                {
                    var fields = HeaderBlock.Parse(bytes);
                    foreach (var (condition, matches) in found)
                    {
                        if (fields.Any(f => f.Name.Equals(condition.Name, StringComparison.OrdinalIgnoreCase)
                            && (condition.Value is null || f.Text.Contains(condition.Value, StringComparison.OrdinalIgnoreCase))))
                        {
                            matches.Add(content.Value);
                        }
                    }
                }
            }
        }

        return found.ToDictionary(p => p.Key, p => (IReadOnlyList<long>)p.Value);
    }
}
