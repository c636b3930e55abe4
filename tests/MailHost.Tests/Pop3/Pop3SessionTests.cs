using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Pop3;
using SaaS.MailHost.Tests.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Pop3;

/// <summary>What a transcript cannot say: settings, and what became of the messages.</summary>
public sealed class Pop3SessionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 0)]
    public async Task Deleted_mail_goes_to_the_trash_where_the_setting_says_so(string setting, int inTrash)
    {
        await using var mail = await HostAsync();
        await mail.DeliverNumberAsync(1);
        await ExecuteAsync(mail, $"INSERT INTO setting (level, owner_id, key, value, changed_at) VALUES (3, 1, 'pop3.deleteToTrash', '{setting}', now())");
        await using var client = await SignInAsync(mail);
        Assert.StartsWith("+OK", await AskAsync(client, "DELE 1"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", await AskAsync(client, "QUIT"), StringComparison.Ordinal);
        Assert.Equal((0, inTrash), ((await BoxAsync(mail, SpecialUse.Inbox)).Total, (await BoxAsync(mail, SpecialUse.Trash)).Total));
    }

    [Fact]
    public async Task A_unique_id_stands_when_the_message_was_moved_away_and_back_and_what_left_the_inbox_is_not_deleted()
    {
        await using var mail = await HostAsync();
        var message = await mail.DeliverNumberAsync(1);
        await using var first = await SignInAsync(mail);
        var id = await AskAsync(first, "UIDL 1");
        Assert.Equal($"+OK 1 M{message.Id}", id);
        var which = new MessageSelection.ById([message.Id]);
        await mail.Messages.MoveAsync(mail.Account, which, (await BoxAsync(mail, SpecialUse.Archive)).Id, Ct);
        await AskAsync(first, "DELE 1");
        await AskAsync(first, "QUIT");
        Assert.Equal(1, (await BoxAsync(mail, SpecialUse.Archive)).Total);
        await mail.Messages.MoveAsync(mail.Account, which, (await BoxAsync(mail, SpecialUse.Inbox)).Id, Ct);
        await using var second = await SignInAsync(mail);
        Assert.Equal(id, await AskAsync(second, "UIDL 1"));
    }

    [Fact]
    public async Task A_header_in_utf8_is_sent_as_it_is_only_to_who_said_so()
    {
        const string Raw = "From: Jürgen <juergen@example.org>\nTo: ü@example.test, x@exämple.test\nSubject: Grün\n\nGrüße\n.\n";
        await using var mail = await HostAsync();
        await mail.DeliverAsync(Raw);
        await using var old = await SignInAsync(mail);
        var plain = await RetrieveAsync(old);
        Assert.Equal(
            """
            From: =?utf-8?B?SsO8cmdlbg==?= <juergen@example.org>
            To: =?utf-8?B?w7xAZXhhbXBsZS50ZXN0?= :;,
             <x@xn--exmple-cua.test>
            Subject: =?utf-8?B?R3LDvG4=?=

            Grüße
            ..

            """.ReplaceLineEndings("\r\n"), plain);
        await using var young = await ConnectAsync(mail);
        await AskAsync(young, "UTF8");
        await LoginAsync(young);
        Assert.Equal(Raw.ReplaceLineEndings("\r\n").Replace("\r\n.\r\n", "\r\n..\r\n", StringComparison.Ordinal), await RetrieveAsync(young));
    }

    [Theory]
    [InlineData("Subject: plain\r\n", "Subject: plain\r\n")]
    [InlineData("X-A: a\r\n b ü\r\n", "X-A: =?utf-8?B?YSBiIMO8?=\r\n")]
    [InlineData("Content-Disposition: attachment; filename=\"ü.txt\"\r\n", "Content-Disposition: attachment; filename*=iso-8859-1''%FC.txt\r\n")]
    [InlineData("Cc: \"ü, x\" <a@b.example>, c@d.example\r\n", "Cc: =?utf-8?B?w7wsIHg=?= <a@b.example>,\r\n c@d.example\r\n")]
    [InlineData("To: ü <<<\r\n", "To: =?utf-8?B?w7wgPDw8?=\r\n")]
    public void A_header_is_written_in_ascii(string header, string expected) => Assert.Equal(expected, HeaderDowngrade.Rewrite(Encoding.UTF8.GetBytes(header)));

    private static Task<ImapHost> HostAsync() => ImapHost.CreateAsync(false, ("Pop3:FailedLoginDelay", "00:00:00"));

    private static async Task<TestClient> ConnectAsync(ImapHost mail)
    {
        var client = await mail.Host.ConnectAsync<Pop3Server>();
        await client.ReadLineAsync();
        return client;
    }

    private static async Task<TestClient> SignInAsync(ImapHost mail)
    {
        var client = await ConnectAsync(mail);
        await LoginAsync(client);
        return client;
    }

    private static async Task LoginAsync(TestClient client)
    {
        await AskAsync(client, "USER u1@example.test");
        Assert.StartsWith("+OK", await AskAsync(client, "PASS secret"), StringComparison.Ordinal);
    }

    private static async Task<string?> AskAsync(TestClient client, string line)
    {
        await client.SendLineAsync(line);
        return await client.ReadLineAsync();
    }

    // Lines come in Latin-1.
    private static async Task<string> RetrieveAsync(TestClient client)
    {
        Assert.StartsWith("+OK", await AskAsync(client, "RETR 1"), StringComparison.Ordinal);
        var text = new StringBuilder();
        while (await client.ReadLineAsync() is { } line && line != ".")
        {
            text.Append(line).Append("\r\n");
        }

        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text.ToString()));
    }

    private static async Task<Mailbox> BoxAsync(ImapHost mail, SpecialUse use) => (await mail.Mailboxes.FindAsync(mail.Account, use, Ct))!;

    private static async Task ExecuteAsync(ImapHost mail, string sql)
    {
        await using var command = mail.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
