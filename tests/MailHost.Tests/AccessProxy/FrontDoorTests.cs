using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;
using SaaS.MailHost.AccessProxy;
using Xunit;
using static SaaS.MailHost.Tests.AccessProxy.FrontDoorHost;

namespace SaaS.MailHost.Tests.AccessProxy;

/// <summary>Accounts that are still on an old platform, behind our ports; the platform is a real Dovecot.</summary>
public sealed class FrontDoorTests
{
    [Fact]
    public async Task An_account_is_passed_on_until_it_is_flipped_and_again_when_it_is_flipped_back()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.FlipAsync(door.Old1, atLegacy: true);

        await using var client = await door.ImapAsync();
        var (tagged, _) = await TaggedAsync(client, "LOGIN old1@example.test old-secret");
        Assert.StartsWith("t OK [CAPABILITY IMAP4rev1 ", tagged, StringComparison.Ordinal);
        Assert.DoesNotContain("OBJECTID", tagged, StringComparison.Ordinal); // ours
        var body = "Subject: kept\r\n\r\n" + new string('x', 300_000) + "\r\n";
        await client.SendAsync($"a APPEND INBOX {{{body.Length}+}}\r\n{body}\r\n");
        Assert.StartsWith("a OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("t OK", (await TaggedAsync(client, "SELECT INBOX")).Tagged, StringComparison.Ordinal);
        await client.SendLineAsync("f FETCH 1 BODY[]");
        Assert.Equal($"* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {{{body.Length}}}", await client.ReadLineAsync());
        Assert.Equal(body, Encoding.ASCII.GetString(await client.ReadExactlyAsync(body.Length)));
        Assert.Single(dovecot.Mail("old1"));

        await door.FlipAsync(door.Old1, atLegacy: false);
        await using (var here = await door.ImapAsync())
        {
            Assert.Contains("OBJECTID", (await TaggedAsync(here, "LOGIN old1@example.test secret")).Tagged, StringComparison.Ordinal);
            Assert.StartsWith("t NO [AUTHENTICATIONFAILED]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        }

        // Who was connected there stays so.
        Assert.Equal(")", await client.ReadLineAsync());
        Assert.StartsWith("f OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("t OK", (await TaggedAsync(client, "NOOP")).Tagged, StringComparison.Ordinal);
        await door.FlipAsync(door.Old1, atLegacy: true);
        await using var again = await door.ImapAsync();
        Assert.StartsWith("t OK", (await TaggedAsync(again, $"AUTHENTICATE PLAIN {Plain("old1@example.test", "old-secret")}")).Tagged, StringComparison.Ordinal);
        Assert.StartsWith("t OK", (await TaggedAsync(again, "LOGOUT")).Tagged, StringComparison.Ordinal);
        Assert.Null(await again.ReadLineAsync());
    }

    [Fact]
    public async Task Every_protocol_is_passed_on_with_the_clients_address()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.FlipAsync(door.Old1, atLegacy: true);

        await using var imap = await door.ImapAsync("192.0.2.11");
        Assert.StartsWith("t OK", (await TaggedAsync(imap, "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        await using var pop3 = await door.Pop3Async();
        await AskAsync(pop3, "USER old1@example.test");
        Assert.StartsWith("+OK", await AskAsync(pop3, "PASS old-secret"), StringComparison.Ordinal);
        Assert.Equal("+OK 0 0", await AskAsync(pop3, "STAT"));
        await using var sieve = await door.SieveAsync();
        Assert.StartsWith("OK", await AskAsync(sieve, $"AUTHENTICATE \"PLAIN\" \"{Plain("old1@example.test", "old-secret")}\""), StringComparison.Ordinal);
        await sieve.SendLineAsync("PUTSCRIPT \"s\" {5+}\r\nkeep;");
        Assert.StartsWith("OK", await sieve.ReadLineAsync(), StringComparison.Ordinal);
        await using var smtp = await door.SmtpAsync("submission");
        Assert.StartsWith("235", await AskAsync(smtp, $"AUTH PLAIN {Plain("old1@example.test", "old-secret")}"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync(smtp, "MAIL FROM:<old1@example.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync(smtp, "RCPT TO:<friend@elsewhere.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await AskAsync(smtp, "DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync(smtp, "Subject: sent there\r\n\r\nHello.\r\n."), StringComparison.Ordinal);

        Assert.Contains("Subject: sent there", Assert.Single(dovecot.Sink.Messages).Text, StringComparison.Ordinal);
        var log = dovecot.Log;
        Assert.Contains("imap-login: Info: Login: user=<old1>, method=PLAIN, rip=192.0.2.11", log, StringComparison.Ordinal);
        foreach (var service in new[] { "pop3", "managesieve", "submission" })
        {
            Assert.Contains($"{service}-login: Info: Login: user=<old1>, method=PLAIN, rip=192.0.2.7", log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_clients_address_goes_in_a_PROXY_header_where_that_is_set()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.ChangeAsync(new LegacyPlatformFields(
            Endpoints: dovecot.Endpoints with { Imap = DovecotPlatform.At(dovecot.ImapProxied, LegacyTls.StartTls, proxy: true) }, SendImapId: false));
        await door.FlipAsync(door.Old1, atLegacy: true);

        foreach (var address in new[] { "192.0.2.12", "2001:db8::12" })
        {
            await using var client = await door.ImapAsync(address);
            Assert.StartsWith("t OK", (await TaggedAsync(client, "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
            Assert.Contains($"rip={address}", dovecot.Log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_password_is_the_platforms_to_refuse_and_counts_here()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.FlipAsync(door.Old1, atLegacy: true);

        // The password here is not one there.
        Assert.StartsWith("t NO [AUTHENTICATIONFAILED]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test secret")).Tagged, StringComparison.Ordinal);
        await using var pop3 = await door.Pop3Async();
        await AskAsync(pop3, "USER old1@example.test");
        Assert.StartsWith("-ERR [AUTH]", await AskAsync(pop3, "PASS secret"), StringComparison.Ordinal);
        Assert.StartsWith("NO", await AskAsync(await door.SieveAsync(), $"AUTHENTICATE \"PLAIN\" \"{Plain("old1@example.test", "wrong")}\""), StringComparison.Ordinal);
        Assert.StartsWith("535", await AskAsync(await door.SmtpAsync("submission"), $"AUTH PLAIN {Plain("old1@example.test", "wrong")}"), StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test wrong");
        }

        Assert.StartsWith("t NO [UNAVAILABLE] Too many", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_platform_that_is_away_is_a_temporary_failure_in_each_protocols_words()
    {
        var dead = DovecotPlatform.At(DovecotPlatform.FreePort(), LegacyTls.Implicit);
        await using var door = await FrontDoorHost.CreateAsync(
            new LegacyPlatformFields("Away", new LegacyEndpoints { Imap = dead, Pop3 = dead, ManageSieve = dead, Submission = dead, Delivery = dead }), start: false);
        await door.FlipAsync(door.Old1, atLegacy: true);

        Assert.StartsWith("t NO [UNAVAILABLE]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test x")).Tagged, StringComparison.Ordinal);
        await using var pop3 = await door.Pop3Async();
        await AskAsync(pop3, "USER old1@example.test");
        Assert.StartsWith("-ERR [SYS/TEMP]", await AskAsync(pop3, "PASS x"), StringComparison.Ordinal);
        Assert.StartsWith("NO (TRYLATER)", await AskAsync(await door.SieveAsync(), $"AUTHENTICATE \"PLAIN\" \"{Plain("old1@example.test", "x")}\""), StringComparison.Ordinal);
        Assert.StartsWith("454 4.7.0", await AskAsync(await door.SmtpAsync("submission"), $"AUTH PLAIN {Plain("old1@example.test", "x")}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] in\r\n", "")]
    [InlineData("* OK [CAPABILITY IMAP4rev1] no STARTTLS here\r\n", "")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", "S OK begin\r\n* OK injected\r\nC OK injected\r\n")]
    [InlineData("* BYE not today\r\n", "")]
    public async Task Nothing_is_sent_to_a_platform_that_does_not_come_to_TLS_cleanly(string greeting, string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = HearAsync(listener, greeting, answer);
        var endpoint = DovecotPlatform.At(((IPEndPoint)listener.LocalEndpoint).Port, LegacyTls.StartTls);
        await using var door = await FrontDoorHost.CreateAsync(
            new LegacyPlatformFields("Rogue", new LegacyEndpoints { Imap = endpoint, Delivery = endpoint }, VerifyCertificate: false), start: false);
        await door.FlipAsync(door.Old1, atLegacy: true);

        Assert.StartsWith("t NO [UNAVAILABLE]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        var said = await heard;
        Assert.DoesNotContain("old-secret", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Plain("old1@example.test", "old-secret"), said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_does_not_verify_ends_it()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(FrontDoorHost.Fields(dovecot) with { CertificateSha256 = "" });
        await door.FlipAsync(door.Old1, atLegacy: true);
        Assert.StartsWith("t NO [UNAVAILABLE]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        await door.ChangeAsync(new LegacyPlatformFields(VerifyCertificate: false));
        Assert.StartsWith("t OK", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        await door.ChangeAsync(new LegacyPlatformFields(CertificateSha256: new string('0', 64)));
        Assert.StartsWith("t NO [UNAVAILABLE]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customers_platform_is_not_reached_at_a_private_address()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.FlipAsync(door.Old1, atLegacy: true);
        await door.Directory.ExecuteAsync("UPDATE legacy_platform SET operator_defined = false");
        door.Host.Services.GetRequiredService<SaaS.Domain.ChangeFeed.IChangeFeed>().Wake(SaaS.Domain.DirectoryChanges.Topic);
        Assert.StartsWith("t NO [UNAVAILABLE]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    public async Task A_master_user_lets_in_whoever_is_known_here(string separator)
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(FrontDoorHost.Fields(dovecot) with { MasterUser = "boss", MasterPassword = "master-secret", MasterSeparator = separator });
        await door.FlipAsync(door.Old1, atLegacy: true);

        foreach (var password in new[] { "secret", "old-secret" })
        {
            await using var client = await door.ImapAsync();
            Assert.StartsWith("t OK", (await TaggedAsync(client, $"LOGIN old1@example.test {password}")).Tagged, StringComparison.Ordinal);
            Assert.StartsWith("t OK", (await TaggedAsync(client, "SELECT INBOX")).Tagged, StringComparison.Ordinal);
        }

        Assert.StartsWith("t NO [AUTHENTICATIONFAILED]", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test neither")).Tagged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_captured_at_its_first_use_where_that_is_set_and_works_here_after_the_flip()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.Directory.ExecuteAsync("UPDATE app_user SET password_hash = NULL");
        await door.FlipAsync(door.Old1, atLegacy: true);

        Assert.StartsWith("t OK", (await TaggedAsync(await door.ImapAsync(), "LOGIN old1@example.test old-secret")).Tagged, StringComparison.Ordinal);
        Assert.Equal(0, await door.Directory.ScalarAsync<long>("SELECT count(password_hash) FROM app_user"));
        await door.ChangeAsync(new LegacyPlatformFields(CapturePasswords: true));
        await door.FlipAsync(door.Old2, atLegacy: true);
        Assert.StartsWith("t OK", (await TaggedAsync(await door.ImapAsync(), "LOGIN old2@example.test old-secret")).Tagged, StringComparison.Ordinal);
        await door.FlipAsync(door.Old2, atLegacy: false);
        Assert.Contains("OBJECTID", (await TaggedAsync(await door.ImapAsync(), "LOGIN old2@example.test old-secret")).Tagged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_goes_to_where_the_account_is_at_home_and_what_waits_follows_a_flip()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.Directory.AddAliasAsync("sales", "old1@example.test");
        await door.DeliverAsync("old1@example.test", "first");
        Assert.Equal(1, await door.StoredAsync(door.Old1));

        await door.FlipAsync(door.Old1, atLegacy: true);
        await door.DeliverAsync("old1@example.test", "second");
        await door.DeliverAsync("sales@example.test", "third");
        await UntilAsync("mail is at the platform", () => Task.FromResult(dovecot.Mail("old1").Count == 2));
        Assert.Contains(dovecot.Mail("old1"), m => m.Contains("Subject: second", StringComparison.Ordinal) && m.Contains("\n.dotted\n", StringComparison.Ordinal));
        Assert.Contains(dovecot.Mail("old1"), m => m.Contains("Delivered-To: old1@example.test", StringComparison.Ordinal) && m.Contains("Subject: third", StringComparison.Ordinal));
        Assert.Equal(1, await door.StoredAsync(door.Old1));

        // It waits, since the platform is away; then the account moves.
        await dovecot.StopAsync();
        await door.DeliverAsync("old1@example.test", "fourth");
        await UntilAsync("it was tried", async () => await door.Directory.ScalarAsync<long>("SELECT count(*) FROM queue_recipient WHERE attempts > 0 AND state = 0") == 1);
        await door.FlipAsync(door.Old1, atLegacy: false);
        await UntilAsync("it is here", async () => await door.StoredAsync(door.Old1) == 2);
        Assert.Equal(0, await door.Directory.ScalarAsync<long>("SELECT count(*) FROM queue_recipient WHERE state IN (0, 1)"));
    }

    [Fact]
    public async Task A_node_that_has_not_heard_of_a_flip_stores_nothing_against_it()
    {
        await using var dovecot = await DovecotPlatform.StartAsync();
        await using var door = await FrontDoorHost.CreateAsync(dovecot);
        await door.DeliverAsync("old1@example.test", "first");

        // Behind the change feed's back: the directory still has it at home here.
        await door.Directory.ExecuteAsync($"UPDATE account SET legacy_platform_id = {door.Platform}, at_legacy = true WHERE id = {door.Old1}; UPDATE account_state SET elsewhere = true WHERE account_id = {door.Old1}");
        await door.DeliverAsync("old1@example.test", "second");
        await UntilAsync("mail is at the platform", () => Task.FromResult(dovecot.Mail("old1").Count == 1));
        Assert.Equal(1, await door.StoredAsync(door.Old1));
    }

    [Fact]
    public async Task Many_accounts_are_flipped_at_once_and_strong_ones_never_to_a_customers_platform()
    {
        var dead = DovecotPlatform.At(DovecotPlatform.FreePort(), LegacyTls.Implicit);
        await using var door = await FrontDoorHost.CreateAsync(new LegacyPlatformFields("P", new LegacyEndpoints { Imap = dead, Delivery = dead }), start: false);
        Task<Outcome<HomesMoved>> Move(bool there, params string[] addresses) =>
            door.DoAsync<LegacyHomes, Outcome<HomesMoved>>(h => h.MoveAsync(door.Platform, there, null, addresses, CancellationToken.None));

        var moved = await Move(true, "OLD1@example.test", "old2@example.test", "nobody@example.test");
        Assert.Equal(2, moved.Value!.Changed);
        Assert.Equal(["nobody@example.test"], moved.Value.Refused);
        Assert.Equal(2, (await Move(true, "old1@example.test", "old2@example.test")).Value!.Unchanged);
        Assert.Equal(2, (await door.DoAsync<LegacyHomes, Outcome<HomesMoved>>(h => h.MoveAsync(door.Platform, false, new DomainId(1), null, CancellationToken.None))).Value!.Changed);
        Assert.Equal(0, await door.Directory.ScalarAsync<long>("SELECT count(*) FROM account a JOIN account_state s ON s.account_id = a.id WHERE a.at_legacy OR s.elsewhere"));

        await door.Directory.ExecuteAsync("UPDATE legacy_platform SET operator_defined = false; INSERT INTO role_grant (user_id, role, created_at) SELECT id, 0, now() FROM app_user WHERE user_name = 'old1@example.test'");
        moved = await Move(true, "old1@example.test", "old2@example.test");
        Assert.Equal(["old1@example.test"], moved.Value!.Refused);
        Assert.Equal(RefusalReason.Forbidden, (await door.DoAsync<LegacyHomes, Outcome<Account>>(
            h => h.SetAsync(door.Old1, new HomeChange(true, door.Platform), CancellationToken.None))).Refusal?.Reason);
    }

    [Fact]
    public void The_PROXY_header_is_the_specifications()
    {
        var side = new ClientSide(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0x1234), new IPEndPoint(IPAddress.Parse("198.51.100.2"), 993), "x");
        Assert.Equal(
            Convert.FromHexString("0D0A0D0A000D0A515549540A" + "2111000C" + "C0000201" + "C6336402" + "1234" + "03E1"), LegacyConnector.ProxyHeader(side));
        Assert.Equal(Convert.FromHexString("0D0A0D0A000D0A515549540A" + "20000000"), LegacyConnector.ProxyHeader(null));
    }

    // One client is greeted, its first line answered; everything that it said.
    private static async Task<string> HearAsync(TcpListener listener, string greeting, string answer)
    {
        using var socket = await listener.AcceptSocketAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(greeting));
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int n; (n = await socket.ReceiveAsync(buffer)) > 0;)
            {
                said.Append(Encoding.ASCII.GetString(buffer, 0, n));
                if (answer.Length > 0)
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
                    answer = "";
                }
            }
        }
        catch (SocketException)
        {
            // Cut: so it was refused.
        }

        return said.ToString();
    }
}
