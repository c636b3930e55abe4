using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>MailKit over a real socket and TLS, all of its IMAP that we offer.</summary>
public sealed class MailKitTests : IAsyncLifetime
{
    private const string Login = "u1@example.test";
    private static int _port = 33100;

    private readonly int _tls = Interlocked.Add(ref _port, 10);
    private ImapHost _mail = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var ports = new[] { "Imap:TlsPort", "Imap:Port", "Pop3:Port", "Pop3:TlsPort", "Http:Port" }
            .Select((name, i) => (name, (_tls + i).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        _mail = await ImapHost.CreateAsync(manualClock: false, [.. ports]);
        await _mail.Host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _mail.Host.StopAsync();
        await _mail.DisposeAsync();
    }

    [Fact]
    public async Task It_signs_in_by_every_mechanism_it_knows()
    {
        foreach (var mechanism in new SaslMechanism[]
        {
            new SaslMechanismPlain(Login, "secret"), new SaslMechanismLogin(Login, "secret"), new SaslMechanismScramSha256(Login, "secret"),
            new SaslMechanismScramSha256Plus(Login, "secret"),
        })
        {
            using var client = await ConnectAsync();
            Assert.Contains(mechanism.MechanismName, client.AuthenticationMechanisms);
            await client.AuthenticateAsync(mechanism, Ct);
            Assert.True(client.IsAuthenticated, mechanism.MechanismName);
            await client.DisconnectAsync(true, Ct);
        }

        using var wrong = await ConnectAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => wrong.AuthenticateAsync(new SaslMechanismScramSha256(Login, "wrong"), Ct));
    }

    [Fact]
    public async Task It_sorts_threads_searches_and_fetches()
    {
        using var client = await SignInAsync();
        var inbox = client.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        var added = await inbox.AppendAsync(
            [
                Request("Plan", "a", null, 1), Request("Re: Plan", "b", "a", 2), Request("Lunch", "c", null, 3), Request("Re: Plan", "d", "b", 4),
            ], Ct);
        Assert.Equal(4, added.Count);
        await inbox.CheckAsync(Ct);

        Assert.Equal([4u, 3, 2, 1], (await inbox.SortAsync(SearchQuery.All, [OrderBy.ReverseDate], Ct)).Select(u => u.Id));
        Assert.Equal([3u, 1, 2, 4], (await inbox.SortAsync(SearchQuery.All, [OrderBy.Subject, OrderBy.Date], Ct)).Select(u => u.Id));
        var results = await inbox.SortAsync(SearchOptions.All | SearchOptions.Count | SearchOptions.Min, SearchQuery.All, [OrderBy.ReverseSubject], Ct);
        Assert.Equal(4, results.Count);

        var threads = await inbox.ThreadAsync(ThreadingAlgorithm.References, SearchQuery.All, Ct);
        Assert.Equal([1u, 3], threads.Select(t => t.UniqueId!.Value.Id));
        Assert.Equal(4u, threads[0].Children[0].Children[0].UniqueId!.Value.Id);
        Assert.Equal(2, (await inbox.ThreadAsync(ThreadingAlgorithm.OrderedSubject, SearchQuery.All, Ct)).Count);

        Assert.Equal([3u], (await inbox.SearchAsync(SearchQuery.SubjectContains("lunch").And(SearchQuery.NotSeen), Ct)).Select(u => u.Id));
        Assert.Equal([2u], (await inbox.SearchAsync(SearchQuery.BodyContains("text of b"), Ct)).Select(u => u.Id));
        Assert.Equal([1u, 4], (await inbox.SearchAsync(SearchOptions.Min | SearchOptions.Max, SearchQuery.All, Ct) is var r ? new[] { r.Min!.Value.Id, r.Max!.Value.Id } : []));

        var summaries = await inbox.FetchAsync(
            0, -1, MessageSummaryItems.All | MessageSummaryItems.UniqueId | MessageSummaryItems.BodyStructure | MessageSummaryItems.PreviewText
            | MessageSummaryItems.SaveDate | MessageSummaryItems.EmailId | MessageSummaryItems.ThreadId | MessageSummaryItems.References, Ct);
        Assert.Equal(4, summaries.Count);
        Assert.All(summaries, m => Assert.NotNull(m.EmailId));
        Assert.Equal("This is the text of b.", summaries[1].PreviewText);
        var message = await inbox.GetMessageAsync(summaries[1].UniqueId, Ct);
        Assert.Equal("Re: Plan", message.Subject);
        await using var part = await inbox.GetStreamAsync(summaries[1].UniqueId, 0, 20, Ct);
        Assert.Equal(20, part.Length);
        await client.DisconnectAsync(true, Ct);
    }

    [Fact]
    public async Task It_makes_moves_and_annotates_folders()
    {
        using var client = await SignInAsync();
        var top = await client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("Größe", true, Ct);
        var below = await top!.CreateAsync("Below", true, Ct);
        await below!.SubscribeAsync(Ct);
        await below.RenameAsync(top, "Renamed", Ct);
        Assert.Equal("Größe/Renamed", below.FullName);
        Assert.Contains(await client.GetFoldersAsync(client.PersonalNamespaces[0], StatusItems.Count, true, Ct), f => f.FullName == "Größe/Renamed");
        Assert.Equal("Sent", client.GetFolder(SpecialFolder.Sent)!.FullName);

        await top.SetMetadataAsync(new MetadataCollection([new Metadata(MetadataTag.PrivateComment, "Größe zählt")]), Ct);
        Assert.Equal("Größe zählt", await top.GetMetadataAsync(MetadataTag.PrivateComment, Ct));
        await client.SetMetadataAsync(new MetadataCollection([new Metadata(MetadataTag.SharedComment, "server")]), Ct);
        Assert.Equal("server", await client.GetMetadataAsync(MetadataTag.SharedComment, Ct));

        var quota = await client.Inbox!.GetQuotaAsync(Ct);
        Assert.Equal(976562u, quota.StorageLimit);
        Assert.Equal(5_000_000u, quota.MessageLimit);

        await client.Inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        var uid = (await client.Inbox.AppendAsync(Request("One", "one", null, 1), Ct))!.Value;
        await client.Inbox.AddFlagsAsync(uid, MessageFlags.Flagged, true, Ct);
        await client.Inbox.AddFlagsAsync(uid, MessageFlags.None, new HashSet<string> { "blue" }, true, Ct);
        Assert.NotNull(await client.Inbox.CopyToAsync(uid, top, Ct));
        Assert.NotNull(await client.Inbox.MoveToAsync(uid, below, Ct));
        Assert.Equal(0, client.Inbox.Count);
        await below.OpenAsync(FolderAccess.ReadWrite, Ct);
        var kept = Assert.Single(await below.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.UniqueId, Ct));
        Assert.Contains("blue", kept.Keywords);
        var replaced = await below.ReplaceAsync(kept.UniqueId, new ReplaceRequest(Message("Two", "two", null, 2), MessageFlags.Seen), Ct);
        Assert.NotNull(replaced);
        Assert.Equal("Two", Assert.Single(await below.FetchAsync(0, -1, MessageSummaryItems.Envelope, Ct)).Envelope!.Subject);
        await below.CloseAsync(false, Ct);
        await below.DeleteAsync(Ct);
        await top.StatusAsync(StatusItems.Count | StatusItems.Size | StatusItems.HighestModSeq | StatusItems.Unread | StatusItems.MailboxId, Ct);
        Assert.Equal(1, top.Count);
        Assert.True(top.Size > 0);
        await client.DisconnectAsync(true, Ct);
    }

    [Fact]
    public async Task It_resynchronises_after_an_absence()
    {
        using var client = await SignInAsync();
        await client.EnableQuickResyncAsync(Ct);
        await _mail.DeliverNumberAsync(1);
        await _mail.DeliverNumberAsync(2);
        await _mail.DeliverNumberAsync(3);
        var inbox = client.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        var (validity, modSeq) = (inbox.UidValidity, inbox.HighestModSeq);
        await inbox.CloseAsync(false, Ct);

        using (var other = await SignInAsync())
        {
            await other.Inbox!.OpenAsync(FolderAccess.ReadWrite, Ct);
            await other.Inbox.AddFlagsAsync(new UniqueId(2), MessageFlags.Deleted, true, Ct);
            await other.Inbox.ExpungeAsync([new UniqueId(2)], Ct);
            await other.Inbox.AddFlagsAsync(new UniqueId(3), MessageFlags.Answered, true, Ct);
            await other.DisconnectAsync(true, Ct);
        }

        var vanished = new List<uint>();
        var changed = new List<uint>();
        inbox.MessagesVanished += (_, e) => vanished.AddRange(e.UniqueIds.Select(u => u.Id));
        inbox.MessageFlagsChanged += (_, e) => changed.Add(e.UniqueId!.Value.Id);
        await inbox.OpenAsync(FolderAccess.ReadWrite, validity, modSeq, [new UniqueId(1), new UniqueId(2), new UniqueId(3)], Ct);
        Assert.Equal([2u], vanished);
        Assert.Equal([3u], changed);
        var since = await inbox.FetchAsync(0, -1, modSeq, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags, Ct);
        Assert.Equal([3u], since.Select(m => m.UniqueId.Id));
        await client.DisconnectAsync(true, Ct);
    }

    [Fact]
    public async Task It_hears_of_news_in_IDLE_and_by_NOTIFY()
    {
        using var client = await SignInAsync();
        var inbox = client.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadOnly, Ct);
        using (var done = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        {
            inbox.CountChanged += (_, _) => done.Cancel();
            var idle = client.IdleAsync(done.Token, Ct);
            await _mail.DeliverNumberAsync(1);
            await idle;
        }

        Assert.Equal(1, inbox.Count);
        var sent = await client.GetFolderAsync("Sent", Ct);
        var told = new TaskCompletionSource<int>();
        await client.NotifyAsync(
            true,
            [
                new ImapEventGroup(ImapMailboxFilter.Personal, [new ImapEvent.MessageNew(), ImapEvent.MessageExpunge]),
                new ImapEventGroup(ImapMailboxFilter.Selected, [new ImapEvent.MessageNew(), ImapEvent.MessageExpunge, ImapEvent.FlagChange]),
            ],
            Ct);
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        sent!.CountChanged += (_, _) => told.TrySetResult(sent.Count);
        sent.CountChanged += (_, _) => enough.Cancel();
        var waiting = client.IdleAsync(enough.Token, Ct);
        await _mail.DeliverAsync("Subject: sent\n\nHi.\n", Domain.Mailboxes.SpecialUse.Sent);
        await waiting;
        Assert.Equal(1, await told.Task.WaitAsync(TimeSpan.FromSeconds(5), Ct));
        await client.DisableNotifyAsync(Ct);
        await client.DisconnectAsync(true, Ct);
    }

    [Fact]
    public async Task It_writes_addresses_and_subjects_in_UTF8()
    {
        using var client = await SignInAsync();
        await client.EnableUTF8Async(Ct);
        var options = FormatOptions.Default.Clone();
        options.International = true;
        var uid = await client.Inbox!.AppendAsync(options, Request("Grüße aus Köln", "utf", null, 1), Ct);
        await client.Inbox.OpenAsync(FolderAccess.ReadOnly, Ct);
        Assert.Equal([uid!.Value.Id], (await client.Inbox.SearchAsync(SearchQuery.SubjectContains("GRÜSSE AUS").Or(SearchQuery.SubjectContains("grüße")), Ct)).Select(u => u.Id));
        await client.DisconnectAsync(true, Ct);
    }

    private static AppendRequest Request(string subject, string id, string? parent, int day) => new(Message(subject, id, parent, day));

    private static MimeMessage Message(string subject, string id, string? parent, int day)
    {
        var message = new MimeMessage([new MailboxAddress("Alice", "alice@example.org")], [new MailboxAddress("U", Login)], subject, new TextPart("plain")
        {
            Text = $"This is the text of {id}.\r\n",
        })
        {
            MessageId = id + "@x.test",
            Date = new DateTimeOffset(2026, 1, day, 10, 0, 0, TimeSpan.Zero),
        };
        if (parent is not null)
        {
            message.InReplyTo = parent + "@x.test";
            message.References.Add(parent + "@x.test");
        }

        return message;
    }

    private async Task<ImapClient> ConnectAsync()
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true, CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", _tls, SecureSocketOptions.SslOnConnect, Ct);
        return client;
    }

    private async Task<ImapClient> SignInAsync()
    {
        var client = await ConnectAsync();
        await client.AuthenticateAsync(new SaslMechanismPlain(Login, "secret"), Ct);
        return client;
    }
}
