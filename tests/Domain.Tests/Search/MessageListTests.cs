using Microsoft.Extensions.Logging.Abstractions;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Search;

/// <summary>The kept list answers as the database does, whatever happened to the mailbox since it was read.</summary>
public class MessageListTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_changes_in_any_order_leave_it_as_if_built_anew(int seed)
    {
        var random = new Random(seed);
        var truth = new Dictionary<long, MessageList.Entry>();
        for (var i = 1; i <= 3000; i++)
        {
            truth[i] = new MessageList.Entry(i, random.Next(1, 1500), random.Next(1, 2000), random.Next(8));
        }

        var sorted = truth.Values.OrderBy(e => e.Date).ThenBy(e => e.Id).ToList();
        var list = MessageList.Build(1, sorted.Count, i => sorted[i]);
        for (var step = 0; step < 4000; step++)
        {
            var id = random.Next(1, 4500);
            long? thread;
            if (random.Next(5) < 2)
            {
                thread = list.Remove(id);
                Assert.Equal(truth.Remove(id, out var old) ? old.Thread : null, thread);
            }
            else
            {
                var entry = truth.TryGetValue(id, out var known)
                    ? known with { Flags = random.Next(8) }
                    : new MessageList.Entry(id, random.Next(1, 1500), random.Next(1, 2000), random.Next(8));
                truth[id] = entry;
                thread = list.Put(entry) ? entry.Thread : null;
            }

            if (thread is not null)
            {
                list.SetHeads([.. truth.Values.Where(e => e.Thread == thread).Select(e => (e.Date, e.Id))]);
            }
        }

        for (var n = 0; n < 12; n++)
        {
            var mask = n / 4 == 2 ? 5 : n / 4;
            var view = new MessageList.View(mask, mask & 1, (n & 1) != 0, (n & 2) != 0);
            var wanted = truth.Values.Where(e => (e.Flags & view.Mask) == view.Wanted)
                .OrderBy(e => view.Ascending ? e.Date : -e.Date).ThenBy(e => view.Ascending ? e.Id : -e.Id).ToList();
            if (view.Collapse)
            {
                wanted = [.. wanted.DistinctBy(e => e.Thread)];
            }

            var ids = wanted.Select(e => e.Id).ToList();
            Assert.Equal(ids.Count, list.Total(view));
            Assert.Equal(ids, list.Page(view, 0, int.MaxValue));
            Assert.Equal(ids.Skip(777).Take(50), list.Page(view, 777, 50));
            Assert.Empty(list.Page(view, ids.Count, 10));
            Assert.Equal(123, list.Place(view, ids[123]));
            Assert.Null(list.Place(view, 99_999));
            var some = ids.Where((_, i) => i % 7 == 0).Append(99_999).ToHashSet();
            Assert.Equal(ids.Select((id, i) => (id, i)).Where(x => some.Contains(x.id)), list.Places(view, some));
        }
    }

    [Fact]
    public async Task It_follows_deliveries_moves_flags_and_expunges()
    {
        await using var store = await TestStore.CreateAsync();
        var account = await store.AddAccountAsync("a");
        var inbox = new MailboxId(1);
        var archive = new MailboxId(6);
        var cache = new MessageListCache();
        var first = await store.DeliverAsync(account, "plan", "x", MessageFlags.None, "Message-ID: <1@x>");
        var other = await store.DeliverAsync(account, "other");
        await CheckAsync();
        Assert.True(cache.Holds(account, inbox));

        var reply = await store.DeliverAsync(account, "Re: plan", "x", MessageFlags.None, "Message-ID: <2@x>", "References: <1@x>");
        await CheckAsync();
        await store.Messages.ChangeFlagsAsync(account, new MessageSelection.ById([other.Id]), new FlagChange { Add = MessageFlags.Seen }, Ct);
        await CheckAsync();
        await store.Messages.MoveAsync(account, new MessageSelection.ById([reply.Id]), archive, Ct);
        await CheckAsync();
        await store.Messages.MoveAsync(account, new MessageSelection.ById([reply.Id]), inbox, Ct);
        await store.Messages.ChangeFlagsAsync(account, new MessageSelection.ById([first.Id]), new FlagChange { Add = MessageFlags.Deleted }, Ct);
        await CheckAsync();
        await store.Messages.ChangeFlagsAsync(account, new MessageSelection.ById([first.Id]), new FlagChange { Remove = MessageFlags.Deleted }, Ct);
        await CheckAsync();
        await store.Messages.ExpungeAsync(account, new MessageSelection.ById([reply.Id, other.Id]), false, Ct);
        await CheckAsync();

        async Task CheckAsync()
        {
            foreach (var view in new[] { new MessageList.View(0, 0, false, true), new MessageList.View(0, 0, false, false), new MessageList.View(1, 0, false, true) })
            {
                await using var connection = await store.Database.OpenAsync(account, Ct);
                var kept = await cache.AskAsync(connection, account, inbox, l => (Ids: l.Page(view, 0, 100), Total: l.Total(view)), Ct);
                var fresh = await new MessageListCache().AskAsync(connection, account, inbox, l => (Ids: l.Page(view, 0, 100), Total: l.Total(view)), Ct);
                Assert.Equal(fresh.Ids, kept.Ids);
                Assert.Equal(fresh.Total, kept.Total);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Applying_what_queryChanges_tells_gives_what_query_finds(bool collapse)
    {
        await using var store = await TestStore.CreateAsync();
        var account = await store.AddAccountAsync("a");
        var index = new PostgresSearchIndex(store.Database, store.Messages, new SearchBlocks(store.Database), NullLogger<PostgresSearchIndex>.Instance);
        var queries = new EmailQueryService(store.Database, store.Messages, index, new MessageListCache());
        var random = new Random(7);
        var all = new List<MessageId>();
        EmailQueryFilter[] filters =
        [
            new EmailQueryFilter.InMailbox(new MailboxId(1)),
            new EmailQueryFilter.And([new EmailQueryFilter.InMailbox(new MailboxId(1)), new EmailQueryFilter.Not([new EmailQueryFilter.HasKeyword("$seen")])]),
            new EmailQueryFilter.InMailboxOtherThan([new MailboxId(4)]),
            new EmailQueryFilter.SomeInThreadHaveKeyword("$flagged"),
        ];
        for (var i = 0; i < 12; i++)
        {
            all.Add(await DeliverAsync(i));
        }

        var known = new List<MessageId>[filters.Length];
        var states = new ModSeq[filters.Length];
        for (var f = 0; f < filters.Length; f++)
        {
            (known[f], states[f]) = await QueryAsync(filters[f]);
        }

        for (var round = 0; round < 12; round++)
        {
            for (var n = 0; n < 3; n++)
            {
                var which = new MessageSelection.ById([all[random.Next(all.Count)]]);
                switch (random.Next(4))
                {
                    case 0:
                        all.Add(await DeliverAsync(random.Next(12)));
                        break;
                    case 1:
                        await store.Messages.MoveAsync(account, which, new MailboxId(random.Next(2) == 0 ? 1 : 4), Ct);
                        break;
                    case 2:
                        var flag = random.Next(2) == 0 ? MessageFlags.Seen : MessageFlags.Flagged;
                        await store.Messages.ChangeFlagsAsync(
                            account, which, random.Next(2) == 0 ? new FlagChange { Add = flag } : new FlagChange { Remove = flag }, Ct);
                        break;
                    default:
                        await store.Messages.ExpungeAsync(account, which, false, Ct);
                        break;
                }
            }

            for (var f = 0; f < filters.Length; f++)
            {
                var delta = await queries.QueryChangesAsync(account, Query(filters[f]), states[f], Ct);
                Assert.NotNull(delta);
                known[f].RemoveAll(delta.Removed.Contains);
                foreach (var (id, at) in delta.Added)
                {
                    known[f].Insert(at, id);
                }

                states[f] = delta.State;
                var (found, _) = await QueryAsync(filters[f]);
                Assert.Equal(found, known[f]);
                Assert.Equal(found.Count, delta.Total);
            }
        }

        EmailQuery Query(EmailQueryFilter filter) => new() { Filter = filter, CollapseThreads = collapse, Limit = 1000 };

        async Task<(List<MessageId>, ModSeq)> QueryAsync(EmailQueryFilter filter)
        {
            var result = await queries.QueryAsync(account, Query(filter), Ct);
            return ([.. result.Value!.Ids], result.Value.State);
        }

        async Task<MessageId> DeliverAsync(int thread) =>
            (await store.DeliverAsync(account, $"Re: talk {thread}", "x", MessageFlags.None, $"References: <{thread}@x>")).Id;
    }

    [Fact]
    public async Task A_thread_is_destroyed_with_its_last_email()
    {
        await using var store = await TestStore.CreateAsync();
        var account = await store.AddAccountAsync("a");
        var index = new PostgresSearchIndex(store.Database, store.Messages, new SearchBlocks(store.Database), NullLogger<PostgresSearchIndex>.Instance);
        var queries = new EmailQueryService(store.Database, store.Messages, index, new MessageListCache());
        var first = await store.DeliverAsync(account, "plan", "x", MessageFlags.None, "Message-ID: <1@x>");
        var reply = await store.DeliverAsync(account, "Re: plan", "x", MessageFlags.None, "References: <1@x>");
        var alone = await store.DeliverAsync(account, "alone");
        var since = await queries.StateAsync(account, Ct);
        var fresh = await store.DeliverAsync(account, "fresh");
        var gone = await store.DeliverAsync(account, "came and went");
        await store.Messages.ExpungeAsync(account, new MessageSelection.ById([reply.Id, alone.Id, gone.Id]), false, Ct);

        var changes = await queries.ThreadChangesAsync(account, since, 100, Ct);
        Assert.NotNull(changes);
        Assert.Equal([fresh.Thread.Value], changes.Created);
        Assert.Equal([first.Thread.Value], changes.Updated);
        Assert.Equal([alone.Thread.Value], changes.Destroyed);
    }
}
