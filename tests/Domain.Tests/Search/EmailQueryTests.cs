using Microsoft.Extensions.Logging.Abstractions;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Search;

public class EmailQueryTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly MailboxId Inbox = new(1);

    private static (EmailQueryService Queries, PostgresSearchIndex Index) Of(TestStore store)
    {
        var index = new PostgresSearchIndex(store.Database, store.Messages, new SearchBlocks(store.Database), NullLogger<PostgresSearchIndex>.Instance);
        return (new EmailQueryService(store.Database, store.Messages, index, new MessageListCache()), index);
    }

    private static async Task<IReadOnlyList<MessageId>> FindAsync(EmailQueryService queries, AccountId account, EmailQueryFilter filter)
    {
        var result = await queries.QueryAsync(account, new EmailQuery { Filter = filter, Limit = 100 }, Ct);
        return result.Value!.Ids;
    }

    [Fact]
    public async Task Words_are_found_right_after_delivery_in_every_field_and_in_no_other_account()
    {
        await using var store = await TestStore.CreateAsync();
        var (queries, _) = Of(store);
        var mine = await store.AddAccountAsync("mine");
        var other = await store.AddAccountAsync("other");
        var crepes = await store.DeliverAsync(mine, "Crêpes on Sunday", "Bring the maple syrup.", MessageFlags.None, "Cc: Bob Builder <bob@example.net>");
        var plain = await store.DeliverAsync(mine, "Invoice 4711", "Please pay.");
        await store.DeliverAsync(other, "Crêpes on Sunday", "Bring the maple syrup.");

        Assert.Equal([crepes.Id], await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Anywhere, "crepes")));
        Assert.Equal([crepes.Id], await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Anywhere, "maple syr")));
        Assert.Equal([crepes.Id], await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Cc, "bob@example.net")));
        Assert.Empty(await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.From, "bob")));
        Assert.Equal([plain.Id], await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Subject, "4711")));
        Assert.Empty(await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Body, "4711")));
        Assert.Equal([plain.Id], await FindAsync(queries, mine, new EmailQueryFilter.Not([new EmailQueryFilter.Text(SearchField.Anywhere, "maple")])));
        Assert.Empty(await FindAsync(queries, mine, new EmailQueryFilter.Text(SearchField.Anywhere, "\"syrup maple\"")));
        Assert.Equal([crepes.Id], await FindAsync(queries, mine, new EmailQueryFilter.Header("cc", "BUILDER")));
    }

    [Fact]
    public async Task Changes_tell_created_updated_and_destroyed_once()
    {
        await using var store = await TestStore.CreateAsync();
        var (queries, _) = Of(store);
        var account = await store.AddAccountAsync("a");
        var first = await store.DeliverAsync(account, "one");
        var second = await store.DeliverAsync(account, "two");
        var since = await queries.StateAsync(account, Ct);
        var third = await store.DeliverAsync(account, "three");
        await store.Messages.ChangeFlagsAsync(account, new MessageSelection.ById([first.Id]), new FlagChange { Add = MessageFlags.Seen }, Ct);
        await store.Messages.ExpungeAsync(account, new MessageSelection.ById([second.Id]), false, Ct);

        var changes = await queries.EmailChangesAsync(account, since, 100, Ct);
        Assert.Equal([third.Id.Value], changes!.Created);
        Assert.Equal([first.Id.Value], changes.Updated);
        Assert.Equal([second.Id.Value], changes.Destroyed);
        Assert.False(changes.HasMore);

        var piece = await queries.EmailChangesAsync(account, since, 1, Ct);
        Assert.True(piece!.HasMore);
        Assert.Equal([third.Id.Value], piece.Created);
        Assert.Null(await queries.EmailChangesAsync(account, new ModSeq(1_000_000), 100, Ct));
    }

    [Fact]
    public async Task A_page_of_100000_messages_is_read_from_the_index_without_a_sort()
    {
        await using var store = await TestStore.CreateAsync();
        var (queries, _) = Of(store);
        var account = await store.AddAccountAsync("big");
        await store.ExecuteAsync($"""
            INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, internal_date, saved_at, size)
            SELECT {account}, n, 1, n, n, n, n - n % 3, CASE WHEN n % 10 = 0 THEN 0 ELSE 1 END, timestamptz '2020-01-01' + n * interval '1 minute', now(), 1000
            FROM generate_series(100, 100099) AS n;
            UPDATE mailbox SET total = 100000, unseen = 10000 WHERE account_id = {account} AND id = 1;
            UPDATE account_state SET mod_seq = 200000 WHERE account_id = {account};
            """);
        await store.ExecuteAsync("VACUUM ANALYZE message");

        var inbox = new EmailQueryFilter.InMailbox(Inbox);
        async Task<EmailQueryResult> Page(int position, bool collapse = false, bool total = true) =>
            (await queries.QueryAsync(account, new EmailQuery
            {
                Filter = inbox,
                Position = position,
                Limit = 50,
                CalculateTotal = total,
                CollapseThreads = collapse,
            }, Ct)).Value!;

        var first = await Page(0);
        Assert.Equal(100_000, first.Total);
        Assert.Equal(100_099, first.Ids[0].Value);
        Assert.Equal(50_099, (await Page(50_000)).Ids[0].Value);
        Assert.Equal(149, (await Page(99_950)).Ids[0].Value);
        Assert.Equal(100, (await Page(99_950)).Ids[^1].Value);
        Assert.Equal([100_099L, 100_097, 100_094], (await Page(0, collapse: true, total: false)).Ids.Take(3).Select(i => i.Value));

        foreach (var order in new[] { "m.internal_date DESC, m.id DESC LIMIT 50 OFFSET 0", "m.internal_date DESC, m.id DESC LIMIT 50 OFFSET 50000" })
        {
            var plan = await ExplainAsync(store, $"SELECT m.id FROM message m WHERE m.account_id = {account} AND true AND m.mailbox_id = 1 ORDER BY {order}");
            Assert.Contains("Index Only Scan", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
        }

        var threads = await ExplainAsync(store,
            $"SELECT m.id, m.thread_id FROM message m WHERE m.account_id = {account} AND true AND m.mailbox_id = 1 ORDER BY m.internal_date DESC, m.id DESC LIMIT 200 OFFSET 0");
        Assert.Contains("Index Only Scan", threads, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", threads, StringComparison.Ordinal);
    }

    private static async Task<string> ExplainAsync(TestStore store, string sql)
    {
        await using var command = store.Source.CreateCommand("EXPLAIN " + sql);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var lines = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
