using System.Globalization;
using System.Net;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp;

/// <summary>What stands in the mailbox after the 250, through a listening host and MailKit.</summary>
public sealed class SmtpDeliveryTests(SmtpDeliveryTests.Host host) : IClassFixture<SmtpDeliveryTests.Host>
{
    private const int Mx = 21025;
    private const int Submission = 21587;
    private const int Smtps = 21465;
    private const int Lmtp = 21024;

    [Fact]
    public async Task Mx_stores_the_message_as_it_was_sent_with_its_trace()
    {
        var account = await host.Directory.AddAccountAsync("trace");
        using var client = await ConnectAsync(Mx, SecureSocketOptions.StartTls);
        var body = "Dots:\r\n.\r\n..\r\n.x\r\nüöä\r\n";
        await client.SendAsync(Message("them@remote.test", "trace@example.test", body), TestContext.Current.CancellationToken);
        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);

        var raw = await host.LatestAsync(account);
        Assert.StartsWith("Return-Path: <them@remote.test>\r\nDelivered-To: trace@example.test\r\nReceived: from ", raw, StringComparison.Ordinal);
        Assert.Contains("by mx.test with ESMTPS id ", raw, StringComparison.Ordinal);
        Assert.Contains("(version=TLSv1.3 cipher=", raw, StringComparison.Ordinal);
        Assert.Contains("for <trace@example.test>;", raw, StringComparison.Ordinal);
        var parsed = await MimeMessage.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes(raw)), TestContext.Current.CancellationToken);
        Assert.Equal(body, parsed.TextBody!.ReplaceLineEndings("\r\n"));
    }

    [Theory]
    [InlineData(Submission, SecureSocketOptions.StartTls)]
    [InlineData(Smtps, SecureSocketOptions.SslOnConnect)]
    public async Task Submission_mends_the_message(int port, SecureSocketOptions security)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"sender{port}");
        var account = await host.Directory.AddAccountAsync(name);
        using var client = await ConnectAsync(port, security);
        await client.AuthenticateAsync($"{name}@example.test", TestDirectory.Password, TestContext.Current.CancellationToken);
        var message = Message($"{name}@example.test", $"{name}@example.test", "Hello.\r\n");
        message.Headers.Remove(HeaderId.Date);
        message.Headers.Remove(HeaderId.MessageId);
        message.Headers.Insert(0, HeaderId.Bcc, "hidden@elsewhere.test,\r\n other@elsewhere.test");
        var format = FormatOptions.Default.Clone();
        format.HiddenHeaders.Clear();
        await client.SendAsync(
            format, message, MailboxAddress.Parse($"{name}@example.test"), [MailboxAddress.Parse($"{name}@example.test")], TestContext.Current.CancellationToken);

        var raw = await host.LatestAsync(account);
        Assert.Contains("with ESMTPSA id ", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden@", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("other@", raw, StringComparison.Ordinal);
        var parsed = await MimeMessage.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes(raw)), TestContext.Current.CancellationToken);
        Assert.NotNull(parsed.MessageId);
        Assert.Equal(DateTimeOffset.UtcNow.Date, parsed.Date.UtcDateTime.Date);
    }

    [Fact]
    public async Task A_large_message_goes_through_the_spool_and_leaves_nothing_there()
    {
        var account = await host.Directory.AddAccountAsync("large");
        var random = new byte[3_000_000];
        new Random(1).NextBytes(random);
        var message = Message("them@remote.test", "large@example.test", "See attachment.");
        message.Body = new Multipart("mixed") { message.Body!, new MimePart { Content = new MimeContent(new MemoryStream(random)), ContentTransferEncoding = ContentEncoding.Base64, FileName = "a.bin" } };
        using var client = await ConnectAsync(Mx, SecureSocketOptions.None);
        await client.SendAsync(message, TestContext.Current.CancellationToken);

        var parsed = await MimeMessage.LoadAsync(
            new MemoryStream(Encoding.Latin1.GetBytes(await host.LatestAsync(account))), TestContext.Current.CancellationToken);
        using var content = new MemoryStream();
        await ((MimePart)parsed.Attachments.Single()).Content!.DecodeToAsync(content, TestContext.Current.CancellationToken);
        Assert.True(random.AsSpan().SequenceEqual(content.ToArray()));
        Assert.Empty(System.IO.Directory.GetFiles(host.Spool));
    }

    [Fact]
    public async Task A_recipient_for_outside_is_queued_with_its_envelope()
    {
        await host.Directory.AddAccountAsync("outgoing");
        using var client = await ConnectAsync(Smtps, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("outgoing@example.test", TestDirectory.Password, TestContext.Current.CancellationToken);
        await client.SendAsync(Message("outgoing@example.test", "far@elsewhere.test", "Hello."), TestContext.Current.CancellationToken);
        Assert.Equal(1, await host.Directory.ScalarAsync<long>(
            "SELECT count(*) FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id WHERE r.recipient = 'far@elsewhere.test' AND m.reverse_path = 'outgoing@example.test'"));
    }

    [Fact]
    public async Task The_sending_limit_of_the_plan_holds()
    {
        var account = await host.Directory.AddAccountAsync("eager");
        await host.Directory.ExecuteAsync(
            $"INSERT INTO send_usage (account_id, hour, recipients) VALUES ({account}, date_trunc('hour', now()) - interval '3 hours', 1999)");
        using var client = await ConnectAsync(Smtps, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("eager@example.test", TestDirectory.Password, TestContext.Current.CancellationToken);
        var message = Message("eager@example.test", "eager@example.test", "Hello.");
        await client.SendAsync(message, TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(message, TestContext.Current.CancellationToken));
        Assert.Equal(450, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Several_sessions_at_once_lose_nothing()
    {
        var account = await host.Directory.AddAccountAsync("busy");
        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, async (n, ct) =>
        {
            using var client = await ConnectAsync(Mx, SecureSocketOptions.None);
            for (var i = 0; i < 10; i++)
            {
                await client.SendAsync(Message("them@remote.test", "busy@example.test", $"{n} {i}\r\n"), ct);
            }
        });
        Assert.Equal(80, await host.Directory.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {account}"));
        Assert.Equal(80u, (uint)await host.Directory.ScalarAsync<int>($"SELECT count(DISTINCT uid)::int FROM message WHERE account_id = {account}"));
    }

    [Fact]
    public async Task Health_and_metrics_answer()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:21082") };
        Assert.Equal("ready", await http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        using var client = await ConnectAsync(Mx, SecureSocketOptions.None);
        Assert.Contains("smtp_sessions", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lmtp_listens_too()
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Lmtp, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(socket.GetStream());
        Assert.Equal("220 mx.test LMTP ready", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<SmtpClient> ConnectAsync(int port, SecureSocketOptions security)
    {
        var client = new SmtpClient { ServerCertificateValidationCallback = (_, _, _, _) => true, CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", port, security, TestContext.Current.CancellationToken);
        return client;
    }

    private static MimeMessage Message(string from, string to, string body)
    {
        var message = new MimeMessage { Subject = "Test", Body = new TextPart("plain") { Text = body } };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    public sealed class Host : IAsyncLifetime
    {
        private TestHost _host = null!;

        internal TestDirectory Directory { get; private set; } = null!;

        internal string Spool => _host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<SaaS.MailHost.Net.DataOptions>>().Value.SpoolPath;

        public async ValueTask InitializeAsync()
        {
            _host = await TestHost.CreateAsync(
                false,
                ("Roles", "mx,submission,lmtp"),
                ("Smtp:Mx:Port", Port(Mx)),
                ("Smtp:Submission:Port", Port(Submission)),
                ("Smtp:Submission:TlsPort", Port(Smtps)),
                ("Smtp:Lmtp:Port", Port(Lmtp)),
                ("Http:Port", "21082"));
            Directory = new TestDirectory(_host.Services.GetRequiredService<NpgsqlDataSource>());
            await Directory.CreateTenantAsync();
            await _host.StartAsync();
        }

        private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);

        /// <summary>The newest message of the account, octets as Latin-1.</summary>
        internal async Task<string> LatestAsync(AccountId account)
        {
            var content = await Directory.ScalarAsync<long>($"SELECT content_id FROM message WHERE account_id = {account} ORDER BY id DESC LIMIT 1");
            await using var raw = await _host.Services.GetRequiredService<MessageStore>().OpenRawAsync(account, new ContentId(content), CancellationToken.None);
            using var reader = new StreamReader(raw!, Encoding.UTF8);
            return await reader.ReadToEndAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }
    }
}
