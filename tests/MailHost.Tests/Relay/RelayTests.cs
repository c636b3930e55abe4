using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MimeKit;
using SaaS.Domain.Delivery;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Relay;

public sealed class RelayTests(RelayFixture relay) : IClassFixture<RelayFixture>
{
    private const int Port = RelayFixture.RemotePort;

    [Fact]
    public async Task A_message_arrives_byte_for_byte_with_its_parameters()
    {
        await using var sink = new SmtpSink("127.0.1.1", Port);
        var body = ".dot\r\n..two dots\r\nüml\r\n.\r\n\r\nend";
        var id = await relay.SendAsync(["a@d1.test", "b@d1.test"], body, DsnNotify.Failure | DsnNotify.Delay);
        await relay.GoneAsync(id);

        var message = Assert.Single(sink.Messages);
        Assert.EndsWith("\r\n\r\n" + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(body)) + "\r\n", message.Text, StringComparison.Ordinal);
        Assert.Equal(2, message.To.Count);
        Assert.StartsWith("MAIL FROM:<alice@example.test> SIZE=", message.From, StringComparison.Ordinal);
        Assert.Contains("BODY=8BITMIME", message.From, StringComparison.Ordinal);
        Assert.Contains("ENVID=env+2B1", message.From, StringComparison.Ordinal);
        Assert.Equal("RCPT TO:<a@d1.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@d1.test", message.To[0]);
    }

    [Fact]
    public async Task Chunking_sends_the_same_bytes()
    {
        await using var sink = new SmtpSink("127.0.1.4", Port) { Extensions = ["CHUNKING", "8BITMIME"] };
        await relay.GoneAsync(await relay.SendAsync("a@d4.test", ".x\r\n."));
        Assert.EndsWith("\r\n\r\n.x\r\n.\r\n", Assert.Single(sink.Messages).Text, StringComparison.Ordinal);
        Assert.Contains(sink.Commands, c => c.Verb == "BDAT");
    }

    [Fact]
    public async Task A_server_that_knows_only_HELO_is_served()
    {
        await using var sink = new SmtpSink("127.0.1.5", Port) { On = c => c.Verb == "EHLO" ? new SinkAnswer("502 5.5.1 no") : null };
        await relay.GoneAsync(await relay.SendAsync("a@d5.test"));
        Assert.Equal("MAIL FROM:<alice@example.test>", Assert.Single(sink.Messages).From);
    }

    [Fact]
    public async Task The_second_exchanger_takes_what_the_first_does_not()
    {
        await using var sink = new SmtpSink("127.0.1.2", Port);
        await relay.GoneAsync(await relay.SendAsync("a@fallback.test"));
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_host_without_MX_is_its_own_exchanger()
    {
        await using var sink = new SmtpSink("127.0.1.3", Port);
        await relay.GoneAsync(await relay.SendAsync("a@implicit.test"));
        Assert.Single(sink.Messages);
    }

    [Theory]
    [InlineData("a@null.test", "5.1.10")]
    [InlineData("a@nowhere.test", "5.1.2")]
    [InlineData("a@self.test", "5.4.6")]
    public async Task What_can_never_arrive_comes_back_at_once(string recipient, string status)
    {
        await relay.GoneAsync(await relay.SendAsync(recipient));
        await ExpectReportAsync(recipient, "failed", status);
    }

    [Fact]
    public async Task A_refused_recipient_comes_back_as_a_report_and_the_others_arrive()
    {
        await using var sink = new SmtpSink("127.0.1.6", Port)
        {
            On = c => c.Line.Contains("<bad@", StringComparison.Ordinal) && c.Verb == "RCPT" ? new SinkAnswer("550-5.1.1 No\r\n550 5.1.1 such user") : null,
        };
        await relay.GoneAsync(await relay.SendAsync(["bad@d6.test", "good@d6.test"]));
        Assert.Equal("RCPT TO:<good@d6.test> ORCPT=rfc822;good@d6.test", Assert.Single(Assert.Single(sink.Messages).To));
        var report = await ExpectReportAsync("bad@d6.test", "failed", "5.1.1");
        Assert.Equal("", report.Headers["Return-Path"]?.Trim('<', '>') ?? "");
        Assert.Equal("auto-replied", report.Headers["Auto-Submitted"]);
        var parts = (MultipartReport)report.Body!;
        var status = (MessageDeliveryStatus)parts[1]!;
        Assert.Equal("env+1", status.StatusGroups[0]["Original-Envelope-Id"]);
        Assert.Equal("smtp; 550 5.1.1 No 5.1.1 such user", status.StatusGroups[1]["Diagnostic-Code"]);
        Assert.Equal("rfc822-headers", parts[2].ContentType.MediaSubtype);
    }

    [Fact]
    public async Task NOTIFY_NEVER_brings_no_report()
    {
        await using var sink = new SmtpSink("127.0.1.7", Port) { On = c => c.Verb == "RCPT" ? new SinkAnswer("550 5.1.1 no") : null };
        await relay.GoneAsync(await relay.SendAsync("never@d7.test", notify: DsnNotify.Never));
        Assert.Empty(await relay.InboxAsync("never@d7.test"));
    }

    [Fact]
    public async Task Success_is_told_for_a_server_that_will_not()
    {
        await using var sink = new SmtpSink("127.0.1.8", Port) { Extensions = ["PIPELINING"] };
        await relay.GoneAsync(await relay.SendAsync("told@d8.test", notify: DsnNotify.Success));
        await ExpectReportAsync("told@d8.test", "relayed", "2.0.0");
    }

    [Fact]
    public async Task Greylisting_is_waited_out()
    {
        var tries = 0;
        await using var sink = new SmtpSink("127.0.1.9", Port)
        {
            On = c => c.Verb == "RCPT" && Interlocked.Increment(ref tries) == 1 ? new SinkAnswer("451 4.7.1 later") : null,
        };
        await relay.GoneAsync(await relay.SendAsync("a@d9.test"));
        Assert.Single(sink.Messages);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task A_connection_lost_after_the_final_dot_is_tried_again()
    {
        var dots = 0;
        await using var sink = new SmtpSink("127.0.1.10", Port)
        {
            On = c => c.Verb == "." && Interlocked.Increment(ref dots) == 1 ? new SinkAnswer(Close: true) : null,
        };
        await relay.GoneAsync(await relay.SendAsync("a@d10.test"));
        Assert.Single(sink.Messages);
        Assert.Equal(2, dots);
    }

    [Fact]
    public async Task TLS_is_used_with_any_certificate()
    {
        using var certificate = Certificate();
        await using var sink = new SmtpSink("127.0.1.11", Port) { Certificate = certificate };
        await relay.GoneAsync(await relay.SendAsync("a@d11.test"));
        Assert.True(Assert.Single(sink.Messages).Encrypted);
    }

    [Fact]
    public async Task What_is_injected_behind_STARTTLS_is_not_believed()
    {
        using var certificate = Certificate();
        await using var sink = new SmtpSink("127.0.1.12", Port) { Certificate = certificate, Injected = "\r\n250 injected" };
        var id = await relay.SendAsync("a@d12.test");
        await RelayFixture.UntilAsync(async () =>
            await relay.Store.ScalarAsync<int>($"SELECT attempts FROM queue_recipient WHERE message_id = {id}") > 0);
        Assert.Empty(sink.Messages);
        Assert.DoesNotContain(sink.Commands, c => c.Verb == "MAIL");
        await relay.Store.ExecuteAsync($"DELETE FROM queue_message WHERE id = {id}");
    }

    [Fact]
    public async Task A_reply_without_end_costs_one_attempt_and_nothing_else()
    {
        await using var sink = new SmtpSink("127.0.1.13", Port)
        {
            On = c => c.Verb == "CONNECT" ? new SinkAnswer(string.Concat(Enumerable.Repeat("220-more\r\n", 10_000)) + "220 end") : null,
        };
        var id = await relay.SendAsync("a@d13.test");
        await RelayFixture.UntilAsync(async () =>
            await relay.Store.ScalarAsync<int>($"SELECT attempts FROM queue_recipient WHERE message_id = {id}") > 0);
        Assert.Contains("does not end", await relay.Store.ScalarAsync<string>($"SELECT last_reply FROM queue_recipient WHERE message_id = {id}"), StringComparison.Ordinal);
        await relay.Store.ExecuteAsync($"DELETE FROM queue_message WHERE id = {id}");
    }

    [Fact]
    public async Task A_destination_that_says_nothing_does_not_hold_up_another()
    {
        await using var silent = new SmtpSink("127.0.1.14", Port) { On = c => new SinkAnswer(Silent: true) };
        await using var sink = new SmtpSink("127.0.1.15", Port);
        var stuck = new List<long>();
        for (var i = 0; i < 50; i++)
        {
            stuck.Add(await relay.SendAsync("a@d14.test"));
        }

        await RelayFixture.UntilAsync(() => silent.Connections > 0);
        await relay.GoneAsync(await relay.SendAsync("a@d15.test"));
        Assert.Single(sink.Messages);
        await relay.Store.ExecuteAsync($"DELETE FROM queue_message WHERE id = ANY(ARRAY[{string.Join(',', stuck)}])");
    }

    [Fact]
    public async Task A_connection_carries_one_message_after_another()
    {
        await using var sink = new SmtpSink("127.0.1.16", Port);
        for (var i = 0; i < 5; i++)
        {
            await relay.GoneAsync(await relay.SendAsync("a@d16.test"));
        }

        Assert.Equal(5, sink.Messages.Count);
        Assert.Equal(1, sink.Connections);
    }

    [Fact]
    public async Task Two_nodes_send_each_message_once()
    {
        await using var sink = new SmtpSink("127.0.1.17", Port);
        await using var second = relay.Node(22002);
        await second.StartAsync();
        var ids = new List<long>();
        for (var i = 0; i < 200; i++)
        {
            ids.Add(await relay.SendAsync($"u{i}@d17.test"));
        }

        await RelayFixture.UntilAsync(async () =>
            await relay.Store.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id BETWEEN {ids[0]} AND {ids[^1]}") == 0);
        await second.StopAsync();
        Assert.Equal(200, sink.Messages.Count);
        Assert.Equal(200, sink.Messages.SelectMany(m => m.To).Distinct().Count());
    }

    [Fact]
    public async Task What_a_dead_node_held_is_sent_by_another()
    {
        await using var sink = new SmtpSink("127.0.1.18", Port);
        var id = await relay.Store.ScalarAsync<long>("""
            WITH m AS (INSERT INTO queue_message (reverse_path, return_full, smtp_utf8, eight_bit, raw, size, created_at, expires_at)
              VALUES ('', false, false, false, '\x', 0, now(), now() + interval '1 day') RETURNING id)
            INSERT INTO queue_recipient (message_id, recipient, destination, notify, state, attempts, next_attempt_at, lease_owner, lease_until,
              delay_notified, changed_at)
            SELECT id, 'a@d18.test', 'd18.test', 0, 1, 0, now(), 'dead', now() - interval '1 second', false, now() FROM m RETURNING message_id
            """);
        await relay.GoneAsync(id);
        Assert.Single(sink.Messages);
    }

    private async Task<MimeMessage> ExpectReportAsync(string recipient, string action, string status)
    {
        List<MimeMessage> found = [];
        await RelayFixture.UntilAsync(async () => (found = await relay.InboxAsync(recipient)).Count > 0);
        var report = Assert.Single(found);
        var body = Assert.IsType<MultipartReport>(report.Body);
        Assert.Equal("delivery-status", body.ReportType);
        var group = Assert.IsType<MessageDeliveryStatus>(body[1]).StatusGroups[1];
        Assert.Equal("rfc822; " + recipient, group["Final-Recipient"]);
        Assert.Equal("rfc822;" + recipient, group["Original-Recipient"]);
        Assert.Equal(action, group["Action"]);
        Assert.Equal(status, group["Status"]);
        return report;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=sink", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
