using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Relay;

/// <summary>A relay whose name server is away, and one that sends everything to a smart host.</summary>
public sealed class RelayWithoutDnsTests
{
    [Theory]
    [InlineData(true, 22101)]
    [InlineData(false, 22102)]
    public async Task A_thousand_domains_do_not_wait_for_a_resolver_that_is_away(bool blackHole, int http)
    {
        using var hole = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var tcpHole = new TcpListener(IPAddress.Loopback, ((IPEndPoint)hole.Client.LocalEndPoint!).Port);
        if (blackHole)
        {
            tcpHole.Start();
        }

        var server = blackHole ? hole.Client.LocalEndPoint!.ToString()! : "127.0.0.1:22199";
        await using var sink = new SmtpSink("127.0.1.30", RelayFixture.RemotePort);
        await using var store = await TestStore.CreateAsync();
        await store.ExecuteAsync(Messages("'u@d' || n || '.example'", "'d' || n || '.example'", 1000));
        await using var node = Node(store, http, ("Dns:Server", server), ("Relay:RestAfterFailure", "00:00:15"));
        var started = Stopwatch.GetTimestamp();
        await node.StartAsync();
        await store.ExecuteAsync(Messages("'u@[127.0.1.30]'", "'[127.0.1.30]'", 1));
        await RelayFixture.UntilAsync(() => sink.Messages.Count == 1);
        await RelayFixture.UntilAsync(async () => await store.ScalarAsync<long>("SELECT count(*) FROM queue_recipient WHERE attempts = 0") == 0);
        var took = Stopwatch.GetElapsedTime(started);
        Assert.Equal(1000, await store.ScalarAsync<long>("SELECT count(*) FROM queue_recipient WHERE state = 0 AND last_reply LIKE '4.4.3 %'"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalSeconds:0.0} s");
        await node.StopAsync();

        // One question's time-out (two tries of a second), not a thousand.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_smart_host_takes_everything()
    {
        await using var sink = new SmtpSink("127.0.1.31", RelayFixture.RemotePort);
        await using var store = await TestStore.CreateAsync();
        await store.ExecuteAsync(Messages("'u@d' || n || '.example'", "'d' || n || '.example'", 30));
        await using var node = Node(store, 22103, ("Dns:Server", "127.0.0.1:22199"), ("Relay:SmartHost", "127.0.1.31:22025"));
        await node.StartAsync();
        await RelayFixture.UntilAsync(async () => await store.ScalarAsync<long>("SELECT count(*) FROM queue_message") == 0);
        await node.StopAsync();
        Assert.Equal(30, sink.Messages.SelectMany(m => m.To).Distinct().Count());
        Assert.InRange(sink.Connections, 1, 10);
    }

    private static TestHost Node(TestStore store, int http, params (string, string)[] settings) => TestHost.On(store.ConnectionString,
    [
        ("Roles", "relay"), ("Http:Port", http.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Relay:Port", "22025"),
        ("Dns:Timeout", "00:00:01"), ("Queue:Retries:0", "01:00:00"), .. settings,
    ]);

    private static string Messages(string recipient, string destination, int count) => $"""
        WITH m AS (
          INSERT INTO queue_message (reverse_path, return_full, smtp_utf8, eight_bit, raw, size, created_at, expires_at)
          SELECT '', false, false, false, '\x', 0, now(), now() + interval '3 days' FROM generate_series(1, {count}) RETURNING id),
        numbered AS (SELECT id, row_number() OVER () AS n FROM m)
        INSERT INTO queue_recipient (message_id, recipient, destination, notify, state, attempts, next_attempt_at, delay_notified, changed_at)
        SELECT id, {recipient}, {destination}, 0, 0, 0, now(), false, now() FROM numbered
        """;
}
