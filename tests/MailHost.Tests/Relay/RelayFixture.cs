using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Relay;

/// <summary>A running relay with a real database, a real DNS server and remotes on 127.0.1.N for dN.test.</summary>
public sealed class RelayFixture : IAsyncLifetime
{
    public const int RemotePort = 22025;

    private TestDns? _dns;
    private TestHost? _host;

    internal TestStore Store { get; private set; } = null!;

    internal TestHost Host => _host!;

    internal AccountId Alice { get; private set; }

    internal OutboundQueue Queue => Host.Services.GetRequiredService<OutboundQueue>();

    internal string DnsServer => _dns!.Server;

    public async ValueTask InitializeAsync()
    {
        Store = await TestStore.CreateAsync();
        Alice = await Store.AddAccountAsync("alice");
        await Store.AddAccountAsync("bob");
        var records = new List<string>
        {
            "dns-rr=null.test,15,000000",
            "mx-host=fallback.test,mx.d90.test,10",
            "mx-host=fallback.test,mx.d2.test,20",
            "mx-host=self.test,mx.test,10",
            "host-record=implicit.test,127.0.1.3",
        };
        for (var i = 1; i <= 90; i++)
        {
            records.Add($"mx-host=d{i}.test,mx.d{i}.test,10");
            records.Add($"host-record=mx.d{i}.test,127.0.1.{i}");
        }

        _dns = await TestDns.StartAsync(22053, [.. records]);
        _host = Node(22001);
        await _host.StartAsync();
    }

    internal TestHost Node(int httpPort, params (string Key, string Value)[] settings) => TestHost.On(Store.ConnectionString,
    [
        ("Roles", "relay"), ("Http:Port", httpPort.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Dns:Server", DnsServer),
        ("Relay:Port", "22025"), ("Relay:RestAfterFailure", "00:00:00.1"), ("Queue:Retries:0", "00:00:00.2"), ("Queue:Lease", "00:00:10"),
        .. settings,
    ]);

    internal Task<long> SendAsync(string to, string body = "Hello.", DsnNotify notify = DsnNotify.Default, string from = "alice@example.test") =>
        SendAsync([to], body, notify, from);

    internal async Task<long> SendAsync(string[] to, string body = "Hello.", DsnNotify notify = DsnNotify.Default, string from = "alice@example.test")
    {
        using var bytes = MessageBytes.From(Encoding.UTF8.GetBytes($"From: {from}\r\nTo: x\r\nSubject: T\r\nMessage-ID: <{Guid.NewGuid():n}@x>\r\n\r\n{body}\r\n"));
        return await Queue.EnqueueAsync(new EnqueueRequest
        {
            Tenant = Store.Tenant,
            Account = Alice,
            ReversePath = MailAddress.Parse(from),
            EnvelopeId = "env+1",
            Message = bytes,
            Recipients = [.. to.Select(t => new EnqueueRecipient(MailAddress.Parse(t), null, "rfc822;" + t, notify))],
        }, CancellationToken.None);
    }

    internal async Task GoneAsync(long message) =>
        await UntilAsync(async () => await Store.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {message}") == 0);

    /// <summary>The messages in alice's INBOX that have <paramref name="text"/> in them.</summary>
    internal async Task<List<MimeKit.MimeMessage>> InboxAsync(string text)
    {
        var contents = new List<long>();
        await using (var command = Store.Source.CreateCommand($"SELECT content_id FROM message WHERE account_id = {Alice} ORDER BY id"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                contents.Add(reader.GetInt64(0));
            }
        }

        var found = new List<MimeKit.MimeMessage>();
        foreach (var content in contents)
        {
            await using var raw = (await Store.Messages.OpenRawAsync(Alice, new ContentId(content), CancellationToken.None))!;
            using var copy = new MemoryStream();
            await raw.CopyToAsync(copy);
            if (Encoding.UTF8.GetString(copy.ToArray()).Contains(text, StringComparison.Ordinal))
            {
                copy.Position = 0;
                found.Add(await MimeKit.MimeMessage.LoadAsync(copy));
            }
        }

        return found;
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail("It did not happen in 20 seconds.");
    }

    internal static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }

        if (_dns is not null)
        {
            await _dns.DisposeAsync();
        }

        await Store.DisposeAsync();
    }
}
