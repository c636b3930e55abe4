using System.Diagnostics;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Queue;

/// <summary>With 200,000 recipients in the queue, nothing that runs often reads a whole table.</summary>
public sealed class QueueScaleTests
{
    [Fact]
    public async Task A_full_queue_is_read_by_its_indexes()
    {
        await using var store = await TestStore.CreateAsync();
        await store.ExecuteAsync("""
            INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) SELECT 1, 1, 'T' || n, false, now() FROM generate_series(2, 200) n;
            INSERT INTO queue_message (tenant_id, account_id, reverse_path, return_full, smtp_utf8, eight_bit, raw, size, message_id_header, created_at, expires_at)
              SELECT 1 + n % 200, n % 5000, 'u' || n || '@example.test', false, false, false, '\x', 0, '<' || n || '@x>', now(), now() + interval '3 days'
              FROM generate_series(1, 100000) n;
            INSERT INTO queue_recipient (message_id, recipient, destination, notify, state, attempts, next_attempt_at, lease_owner, lease_until, delay_notified, changed_at)
              SELECT m.id, 'r' || k || '@d' || m.id % 2000 || '.test', 'd' || m.id % 2000 || '.test', 0,
                CASE WHEN m.id % 100 = 0 THEN 1 WHEN m.id % 200 = 1 THEN 5 ELSE 0 END, 1,
                now() + (m.id % 2000 - 1000) * interval '1 second', CASE WHEN m.id % 100 = 0 THEN 'x' END,
                CASE WHEN m.id % 100 = 0 THEN now() + (m.id % 1000 - 50) * interval '1 second' END, false, now()
              FROM queue_message m, generate_series(1, 2) k;
            ANALYZE queue_message; ANALYZE queue_recipient; ANALYZE tenant;
            """);
        var scans = await ScansAsync(store);
        var took = new List<string>();
        await using (var source = NpgsqlDataSource.Create(store.ConnectionString + ";Application Name=scale"))
        {
            var queue = new OutboundQueue(source, store.Blobs, store.Feed, TimeProvider.System, new QueueOptions());
            var ct = TestContext.Current.CancellationToken;
            await RunAsync("figures", async () =>
            {
                var figures = await queue.FiguresAsync(ct);
                Assert.InRange(figures.Waiting, 150_000, 220_000);
                Assert.Equal(2000, figures.Trying);
                Assert.Equal(1000, figures.Held);
                Assert.NotNull(figures.OldestCreatedAt);
            });
            await RunAsync("next due", () => queue.NextDueAsync(ct));
            await RunAsync("destinations", () => queue.DestinationsAsync("", 500, ct));
            IReadOnlyList<LeasedMessage> leased = [];
            await RunAsync("lease", async () => leased = await queue.LeaseAsync("d2.test", 10, 1000, "me", TimeSpan.FromMinutes(1), ct));
            Assert.NotEmpty(leased);
            await RunAsync("lease anywhere", () => queue.LeaseAsync(OutboundQueue.Anywhere, 10, 1000, "me", TimeSpan.FromMinutes(1), ct));
            await RunAsync("lease local", () => queue.LeaseAsync("", 200, 200, "me", TimeSpan.FromMinutes(1), ct));
            long[] ids = [.. leased[0].Recipients.Select(r => r.Id)];
            await RunAsync("renew", () => queue.RenewAsync(ids, "me", TimeSpan.FromMinutes(1), ct));
            await RunAsync("settle", () => queue.SettleAsync(
                leased[0].Id, "me", [.. leased[0].Recipients.Select(r => new RecipientResult(r.Id, RecipientState.Delivered, "250 OK"))], [], ct));
            await RunAsync("take back", () => queue.TakeBackAsync(ct));
            await RunAsync("search", () => queue.SearchAsync(new CallerScope.Operator(), new QueueFilter(), null, 100, ct));
            await RunAsync("search tenant", () => queue.SearchAsync(new CallerScope.OfTenant(new TenantId(7)), new QueueFilter(), null, 100, ct));
            await RunAsync("search reseller", () => queue.SearchAsync(new CallerScope.OfReseller(new ResellerId(1)), new QueueFilter(), null, 100, ct));
            await RunAsync("search held", () => queue.SearchAsync(new CallerScope.Operator(), new QueueFilter { State = RecipientState.Held }, null, 100, ct));
            await RunAsync("search destination", () => queue.SearchAsync(
                new CallerScope.Operator(), new QueueFilter { Destination = "d3.test", State = RecipientState.Waiting }, null, 100, ct));
            await RunAsync("search message", () => queue.SearchAsync(new CallerScope.Operator(), new QueueFilter { MessageId = 500 }, "150000", 100, ct));
        }

        NpgsqlConnection.ClearAllPools();
        await Relay.RelayFixture.UntilAsync(async () => await store.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scale'") == 0);
        var after = await ScansAsync(store);
        TestContext.Current.SendDiagnosticMessage(string.Join(", ", took));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", took));
        Assert.Equal(scans, after);

        async Task RunAsync(string what, Func<Task> action)
        {
            var started = Stopwatch.GetTimestamp();
            await action();
            took.Add($"{what} {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }
    }

    private static Task<string> ScansAsync(TestStore store) => store.ScalarAsync<string>(
        "SELECT string_agg(relname || ' ' || seq_scan, ', ' ORDER BY relname) FROM pg_stat_user_tables WHERE relname IN ('queue_message', 'queue_recipient')");
}
