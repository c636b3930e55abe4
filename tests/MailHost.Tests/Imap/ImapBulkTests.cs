using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>What many messages at once are told is what each is told alone, whichever way it is read.</summary>
public sealed class ImapBulkTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)")]
    [InlineData("(UID ENVELOPE)")]
    [InlineData("(FLAGS BODYSTRUCTURE BODY PREVIEW)")]
    [InlineData("(BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)] BODY.PEEK[HEADER]<5.20> UID)")]
    public async Task All_at_once_is_the_same_as_one_by_one(string items)
    {
        await using var host = await ImapHost.CreateAsync();
        for (var i = 0; i < 300; i++)
        {
            await host.DeliverAsync(
                $"""
                From: "Zoë {i}" <z{i}@example.org>
                To: u1@example.test, Group: a@b.example, c@d.example;
                Subject: Grüße {i}
                Content-Type: multipart/alternative; boundary=x

                --x

                text {i}
                --x
                Content-Type: text/html

                <p>text {i}</p>
                --x--

                """);
        }

        var inbox = new MailboxId(1);
        await host.Messages.CopyAsync(host.Account, new MessageSelection.ByUid(inbox, [new Uid(9), new Uid(3), new Uid(200)]), inbox, Ct);
        await host.Messages.ExpungeAsync(host.Account, new MessageSelection.ByUid(inbox, [new Uid(9), new Uid(50)]), false, Ct);
        await host.Messages.ChangeFlagsAsync(host.Account, new MessageSelection.ByUid(inbox, [new Uid(7), new Uid(201)]),
            new FlagChange { Add = MessageFlags.Flagged, AddKeywords = ["blue", "green"] }, Ct);
        await using var client = await host.Host.ConnectAsync<ImapServer>();
        await client.ReadLineAsync();
        await ReplyAsync(client, "LOGIN u1@example.test secret");
        await ReplyAsync(client, "EXAMINE INBOX");
        // The keywords are listed when the client first meets them.
        await ReplyAsync(client, "FETCH 7 FLAGS");

        var all = await ReplyAsync(client, $"FETCH 1:* {items}");
        var single = new List<string>();
        for (var n = 1; n <= 301; n++)
        {
            single.AddRange(await ReplyAsync(client, $"FETCH {n} {items}"));
        }

        Assert.Equal(single, all);
        Assert.True(all.Count >= 301);
    }

    [Fact]
    public async Task A_mailbox_that_changes_is_never_stale()
    {
        await using var host = await ImapHost.CreateAsync();
        for (var i = 0; i < 270; i++)
        {
            await host.DeliverNumberAsync(i);
        }

        await using var client = await host.Host.ConnectAsync<ImapServer>();
        await client.ReadLineAsync();
        await ReplyAsync(client, "LOGIN u1@example.test secret");
        await ReplyAsync(client, "SELECT INBOX");
        Assert.Equal(270, (await ReplyAsync(client, "FETCH 1:* (FLAGS)")).Count(l => l.EndsWith("FETCH (FLAGS ())", StringComparison.Ordinal)));
        await ReplyAsync(client, "STORE 1:260 +FLAGS.SILENT (\\Seen)");
        Assert.Equal(260, (await ReplyAsync(client, "FETCH 1:* (FLAGS)")).Count(l => l.EndsWith("FETCH (FLAGS (\\Seen))", StringComparison.Ordinal)));
        await ReplyAsync(client, "STORE 2:3 +FLAGS.SILENT (\\Deleted)");
        await ReplyAsync(client, "EXPUNGE");
        await host.DeliverNumberAsync(270);
        await ReplyAsync(client, "NOOP");
        var told = await ReplyAsync(client, "FETCH 1:* (UID)");
        Assert.Equal(269, told.Count);
        Assert.Equal("* 2 FETCH (UID 4)", told[1]);
        Assert.Equal("* 269 FETCH (UID 271)", told[^1]);
    }

    [Fact]
    public async Task A_session_that_let_its_list_of_uids_go_in_IDLE_still_tells_the_right_numbers()
    {
        await using var host = await ImapHost.CreateAsync();
        var inbox = new MailboxId(1);
        for (var i = 0; i < 300; i++)
        {
            await host.DeliverNumberAsync(i);
        }

        // Every second is gone: as many runs of UIDs as messages.
        await host.Messages.ExpungeAsync(
            host.Account, new MessageSelection.ByUid(inbox, [.. Enumerable.Range(0, 150).Select(n => new Uid((uint)(2 * n) + 1))]), false, Ct);
        await using var client = await host.Host.ConnectAsync<ImapServer>();
        await client.ReadLineAsync();
        await ReplyAsync(client, "LOGIN u1@example.test secret");
        await ReplyAsync(client, "SELECT INBOX");
        Assert.Equal("* 150 FETCH (UID 300)", (await ReplyAsync(client, "FETCH 1:* (UID)"))[^1]);
        for (var round = 0; round < 2; round++)
        {
            await client.SendLineAsync("x IDLE");
            Assert.Equal("+ idling", await client.ReadLineAsync());
            await host.Messages.ExpungeAsync(host.Account, new MessageSelection.ByUid(inbox, [new Uid(round == 0 ? 100u : 50u)]), false, Ct);
            Assert.Equal(round == 0 ? "* 50 EXPUNGE" : "* 25 EXPUNGE", await client.ReadLineAsync());
            await host.DeliverNumberAsync(300 + round);
            Assert.Equal("* 150 EXISTS", await client.ReadLineAsync());
            Assert.Equal("* 0 RECENT", await client.ReadLineAsync());
            await host.Messages.ChangeFlagsAsync(
                host.Account, new MessageSelection.ByUid(inbox, [new Uid(200)]),
                new FlagChange { Add = round == 0 ? MessageFlags.Flagged : MessageFlags.Seen }, Ct);
            Assert.Equal(
                round == 0 ? "* 99 FETCH (UID 200 FLAGS (\\Flagged))" : "* 98 FETCH (UID 200 FLAGS (\\Flagged \\Seen))", await client.ReadLineAsync());
            await client.SendLineAsync("DONE");
            Assert.StartsWith("x OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        }

        // What goes while nobody may be told of it has a number until it is told.
        await client.SendLineAsync("x IDLE");
        Assert.Equal("+ idling", await client.ReadLineAsync());
        await client.SendLineAsync("DONE");
        Assert.StartsWith("x OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        await host.Messages.ExpungeAsync(host.Account, new MessageSelection.ByUid(inbox, [new Uid(4)]), false, Ct);
        Assert.Equal(["* 1 FETCH (UID 2)", "* 3 FETCH (UID 6)"], await ReplyAsync(client, "FETCH 1:3 (UID)"));
        Assert.Equal(["* 2 EXPUNGE"], await ReplyAsync(client, "NOOP"));
        var told = await ReplyAsync(client, "FETCH 1:* (UID)");
        Assert.Equal(149, told.Count);
        Assert.Equal("* 149 FETCH (UID 302)", told[^1]);
    }

    /// <summary>The untagged lines, literals as they come.</summary>
    private static async Task<List<string>> ReplyAsync(TestClient client, string command)
    {
        await client.SendLineAsync("x " + command);
        var lines = new List<string>();
        while (await client.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("x ", StringComparison.Ordinal))
            {
                Assert.StartsWith("x OK", line, StringComparison.Ordinal);
                return lines;
            }

            lines.Add(line);
        }

        throw new EndOfStreamException();
    }
}
