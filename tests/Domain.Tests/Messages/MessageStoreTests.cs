using System.Text;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.Messages;

public sealed class MessageStoreTests : IAsyncLifetime
{
    private TestStore _store = null!;
    private AccountId _account;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync();
        _account = await _store.AddAccountAsync("alice");
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<Mailbox> BoxAsync(SpecialUse use) => (await _store.Mailboxes.FindAsync(_account, use, Ct))!;

    [Fact]
    public async Task A_delivery_takes_a_uid_and_a_modseq_and_keeps_every_byte()
    {
        var raw = Encoding.ASCII.GetBytes("From: a@example.org\r\nSubject: Hi\r\nMessage-ID: <1@x>\r\n\r\nLine one\r\n..dots\r\n");
        using var bytes = MessageBytes.From(raw);
        var stored = (await _store.Messages.StoreAsync(new StoreRequest
        {
            Account = _account,
            Tenant = _store.Tenant,
            Message = bytes,
            Prepend = "Return-Path: <a@example.org>\r\n"u8.ToArray(),
        }, Ct)).Value!;

        Assert.Equal(1u, stored.Uid.Value);
        Assert.Equal(7, stored.ModSeq.Value);
        await using var read = (await _store.Messages.OpenRawAsync(_account, stored.Content, Ct))!;
        using var copy = new MemoryStream();
        await read.CopyToAsync(copy, Ct);
        Assert.Equal("Return-Path: <a@example.org>\r\n" + Encoding.ASCII.GetString(raw), Encoding.ASCII.GetString(copy.ToArray()));

        var content = (await _store.Messages.ContentsAsync(_account, [stored.Content], Ct))[stored.Content];
        Assert.Equal("Hi", content.Envelope.Subject);
        Assert.Equal("Line one ..dots", content.Preview);
        Assert.Equal("Line one\r\n..dots\r\n", Encoding.ASCII.GetString(copy.ToArray(), content.Structure.BodyOffset, content.Structure.BodySize));
        Assert.EndsWith("\r\n\r\n", Encoding.ASCII.GetString((await _store.Messages.HeadersAsync(_account, [stored.Content], Ct))[stored.Content]));

        var inbox = await BoxAsync(SpecialUse.Inbox);
        Assert.Equal((1, 1, 2L, 7L), (inbox.Total, inbox.Unseen, inbox.UidNext, inbox.HighestModSeq));
    }

    [Fact]
    public async Task A_large_message_stands_once_in_the_tenants_blob_store_and_reads_back_whole()
    {
        var bob = await _store.AddAccountAsync("bob");
        var random = new byte[3_000_000];
        new Random(1).NextBytes(random);
        var raw = Encoding.ASCII.GetBytes("Subject: big\r\n\r\n" + Convert.ToBase64String(random, Base64FormattingOptions.InsertLineBreaks) + "\r\n");
        using var bytes = MessageBytes.From(raw);
        foreach (var (account, to) in new[] { (_account, "alice"), (bob, "bob") })
        {
            var prepend = Encoding.ASCII.GetBytes($"Delivered-To: {to}@example.test\r\n");
            var stored = (await _store.Messages.StoreAsync(
                new StoreRequest { Account = account, Tenant = _store.Tenant, Message = bytes, Prepend = prepend }, Ct)).Value!;
            await using var read = (await _store.Messages.OpenRawAsync(account, stored.Content, Ct))!;
            using var copy = new MemoryStream();
            await read.CopyToAsync(copy, Ct);
            Assert.Equal([.. prepend, .. raw], copy.ToArray());
        }

        Assert.Equal(1, await _store.ScalarAsync<long>("SELECT count(*) FROM blob"));
    }

    [Fact]
    public async Task Quota_is_kept_under_concurrent_deliveries_and_a_full_mailbox_refuses()
    {
        var small = await _store.AddAccountAsync("small", quota: 2_000);
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var bytes = MessageBytes.From(Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\n{new string('x', 150)}\r\n"));
            return await _store.Messages.StoreAsync(new StoreRequest { Account = small, Tenant = _store.Tenant, Message = bytes }, Ct);
        }));

        Assert.All(results.Where(r => !r.Ok), r => Assert.Equal(RefusalReason.OverQuota, r.Refusal!.Reason));
        var used = await _store.ScalarAsync<long>($"SELECT used_bytes FROM account_state WHERE account_id = {small.Value}");
        Assert.InRange(used, 1_800, 2_000);
        Assert.Equal(results.Count(r => r.Ok), await _store.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {small.Value}"));
        Assert.Equal(results.Where(r => r.Ok).Select(r => r.Value!.Uid).Order(), Enumerable.Range(1, results.Count(r => r.Ok)).Select(n => new Uid((uint)n)));
    }

    [Fact]
    public async Task A_repeated_delivery_key_stores_once()
    {
        using var bytes = MessageBytes.From("Subject: x\r\n\r\nx\r\n"u8);
        var request = new StoreRequest { Account = _account, Tenant = _store.Tenant, Message = bytes, DeliveryKey = 42 };
        Assert.False((await _store.Messages.StoreAsync(request, Ct)).Value!.Repeated);
        Assert.True((await _store.Messages.StoreAsync(request, Ct)).Value!.Repeated);
        Assert.Equal(1, (await BoxAsync(SpecialUse.Inbox)).Total);
    }

    [Fact]
    public async Task A_reply_joins_the_thread_and_another_subject_starts_its_own()
    {
        var first = await _store.DeliverAsync(_account, "Lunch?", headers: "Message-ID: <a@x>");
        var reply = await _store.DeliverAsync(_account, "Re: [team] Lunch?", headers: ["Message-ID: <b@x>", "In-Reply-To: <a@x>", "References: <a@x>"]);
        var third = await _store.DeliverAsync(_account, "AW: Lunch?", headers: ["Message-ID: <c@x>", "References: <a@x> <b@x>"]);
        var other = await _store.DeliverAsync(_account, "Dinner", headers: ["Message-ID: <d@x>", "References: <a@x>"]);
        Assert.Equal([first.Thread, first.Thread], [reply.Thread, third.Thread]);
        Assert.NotEqual(first.Thread, other.Thread);
    }

    [Fact]
    public async Task Flags_change_counters_and_only_what_really_changed_takes_a_modseq()
    {
        var a = await _store.DeliverAsync(_account, "a");
        var b = await _store.DeliverAsync(_account, "b");
        var which = new MessageSelection.ByUid(a.Mailbox, [a.Uid, b.Uid]);

        var first = (await _store.Messages.ChangeFlagsAsync(_account, which, new FlagChange { Add = MessageFlags.Seen, AddKeywords = ["$Work", "zeta"] }, Ct)).Value!;
        Assert.Equal(2, first.Rows.Count);
        Assert.Equal(["$work", "zeta"], first.Rows[0].Keywords!);
        Assert.Equal(0, (await BoxAsync(SpecialUse.Inbox)).Unseen);

        var again = (await _store.Messages.ChangeFlagsAsync(_account, which, new FlagChange { Add = MessageFlags.Seen }, Ct)).Value!;
        Assert.Empty(again.Rows);

        var replaced = (await _store.Messages.ChangeFlagsAsync(
            _account, new MessageSelection.ById([b.Id]), new FlagChange { Replace = true, Add = MessageFlags.Deleted }, Ct)).Value!;
        Assert.Equal((MessageFlags.Deleted, null), (replaced.Rows[0].Flags, replaced.Rows[0].Keywords));
        var inbox = await BoxAsync(SpecialUse.Inbox);
        Assert.Equal((1, 1), (inbox.Unseen, inbox.DeletedCount));

        var held = (await _store.Messages.ChangeFlagsAsync(
            _account, which, new FlagChange { Add = MessageFlags.Flagged, UnchangedSince = first.ModSeq }, Ct)).Value!;
        Assert.Equal([b.Uid], held.Modified);
        Assert.Equal([a.Uid], held.Rows.Select(r => r.Uid));
    }

    [Fact]
    public async Task Move_keeps_the_id_copy_makes_one_and_expunge_leaves_tombstones()
    {
        var a = await _store.DeliverAsync(_account, "a");
        var b = await _store.DeliverAsync(_account, "b", flags: MessageFlags.Seen);
        var before = await _store.Messages.ModSeqAsync(_account, Ct);
        var archive = await BoxAsync(SpecialUse.Archive);

        var moved = (await _store.Messages.MoveAsync(_account, new MessageSelection.ByUid(a.Mailbox, [a.Uid]), archive.Id, Ct)).Value!;
        Assert.Equal((a.Uid, new Uid(1), a.Id), (moved.Messages[0].SourceUid, moved.Messages[0].Uid, moved.Messages[0].Id));

        var copied = (await _store.Messages.CopyAsync(_account, new MessageSelection.ByUid(a.Mailbox, []), archive.Id, Ct)).Value!;
        Assert.Equal([(b.Uid, new Uid(2))], copied.Messages.Select(m => (m.SourceUid, m.Uid)));
        Assert.NotEqual(b.Id, copied.Messages[0].Id);

        await _store.Messages.ChangeFlagsAsync(_account, new MessageSelection.ById([b.Id]), new FlagChange { Add = MessageFlags.Deleted }, Ct);
        var gone = await _store.Messages.ExpungeAsync(_account, new MessageSelection.ByUid(a.Mailbox, []), onlyDeleted: true, Ct);
        Assert.Equal([b.Id], gone.Messages.Select(m => m.Id));

        var inbox = await BoxAsync(SpecialUse.Inbox);
        archive = await BoxAsync(SpecialUse.Archive);
        Assert.Equal((0, 0, 0, 0L), (inbox.Total, inbox.Unseen, inbox.DeletedCount, inbox.SizeBytes));
        Assert.Equal((2, 1, 3L), (archive.Total, archive.Unseen, archive.UidNext));

        var inInbox = (await _store.Messages.MailboxChangesAsync(_account, inbox.Id, before, Ct))!;
        Assert.Equal([a.Uid, b.Uid], inInbox.Vanished);
        var emails = (await _store.Messages.EmailChangesAsync(_account, before, 100, Ct))!;
        Assert.Equal([copied.Messages[0].Id, a.Id, b.Id], [.. emails.Created, .. emails.Updated, .. emails.Destroyed]);
        Assert.Equal(await _store.ScalarAsync<long>($"SELECT coalesce(sum(size), 0)::bigint FROM message WHERE account_id = {_account.Value}"),
            await _store.ScalarAsync<long>($"SELECT used_bytes FROM account_state WHERE account_id = {_account.Value}"));
    }

    [Fact]
    public async Task Nothing_of_another_account_can_be_touched()
    {
        var mine = await _store.DeliverAsync(_account, "mine");
        var other = await _store.AddAccountAsync("mallory");
        Assert.Empty(await _store.Messages.RowsAsync(other, new MessageSelection.ById([mine.Id]), Ct));
        Assert.Null(await _store.Messages.OpenRawAsync(other, mine.Content, Ct));
        var archive = await BoxAsync(SpecialUse.Archive);
        await _store.ExecuteAsync($"DELETE FROM mailbox WHERE account_id = {other.Value} AND id = {archive.Id.Value}");
        var moved = await _store.Messages.MoveAsync(other, new MessageSelection.ById([mine.Id]), archive.Id, Ct);
        Assert.Equal(RefusalReason.NotFound, moved.Refusal!.Reason);
    }

    [Fact]
    public async Task The_fence_hides_other_accounts_rows_even_from_a_query_that_forgets_to_ask()
    {
        await _store.DeliverAsync(_account, "mine");
        var other = await _store.AddAccountAsync("eve");
        await _store.DeliverAsync(other, "hers");
        var fenced = new MailDatabase(_store.Source) { Fenced = true };
        await using var connection = await fenced.OpenAsync(other, Ct);
        await using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM message_content", connection);
        Assert.Equal(1L, await command.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Every_change_is_told_to_the_feed_here_and_in_another_process()
    {
        await using var elsewhere = new OtherProcess(_store.ConnectionString);
        await elsewhere.StartAsync(Ct);
        await _store.Feed.StartAsync(Ct);
        var here = new TaskCompletionSource<ModSeq>();
        var there = new TaskCompletionSource<ModSeq>();
        using var a = _store.Feed.Subscribe(_account, m => here.TrySetResult(m));
        using var b = elsewhere.Feed.Subscribe(_account, m => there.TrySetResult(m));
        await elsewhere.ListeningAsync(Ct);
        var stored = await _store.DeliverAsync(_account, "x");
        Assert.Equal(stored.ModSeq, await here.Task.WaitAsync(TimeSpan.FromSeconds(5), Ct));
        Assert.Equal(stored.ModSeq, await there.Task.WaitAsync(TimeSpan.FromSeconds(5), Ct));
        await _store.Feed.StopAsync(Ct);
    }

    /// <summary>They go into one transaction: what one of them meets must not befall the others, and who is answered is stored once.</summary>
    [Fact]
    public async Task Messages_that_wait_for_one_account_are_stored_together_and_fail_alone()
    {
        await using var holder = await _store.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("SELECT FROM account_state FOR UPDATE", holder, transaction))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var bytes = MessageBytes.From("Subject: x\r\n\r\nx\r\n"u8);
        var request = new StoreRequest { Account = _account, Tenant = _store.Tenant, Message = bytes };
        var commits = await _store.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM message");
        Task<Outcome<StoredMessage>>[] waiting =
        [
            .. Enumerable.Range(0, 30).Select(_ => _store.Messages.StoreAsync(request, CancellationToken.None)),
            _store.Messages.StoreAsync(request with { Mailbox = new MailboxId(999_999) }, CancellationToken.None),
            .. Enumerable.Range(0, 10).Select(_ => _store.Messages.StoreAsync(request, CancellationToken.None)),
        ];
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        var stored = await Task.WhenAll(waiting);
        Assert.Equal(RefusalReason.NotFound, stored[30].Refusal?.Reason);
        Assert.Equal(40, stored.Where(s => s.Ok).Select(s => s.Value!.Uid).Distinct().Count());
        Assert.InRange(await _store.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM message") - commits, 1, 5);

        // A key that is taken takes the whole transaction back; then each goes by itself.
        await using (var again = new NpgsqlCommand("BEGIN; SELECT FROM account_state FOR UPDATE", holder))
        {
            await again.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        waiting =
        [
            _store.Messages.StoreAsync(request, CancellationToken.None),
            .. Enumerable.Range(0, 8).Select(n => _store.Messages.StoreAsync(request with { DeliveryKey = 70 + (n % 4) }, CancellationToken.None)),
            _store.Messages.StoreAsync(request, CancellationToken.None),
        ];
        await using (var release = new NpgsqlCommand("COMMIT", holder))
        {
            await release.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        stored = await Task.WhenAll(waiting);
        Assert.All(stored, s => Assert.True(s.Ok));
        Assert.Equal(4, stored.Count(s => s.Value!.Repeated));
        Assert.Equal(46, await _store.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {_account.Value}"));
    }

    private sealed class OtherProcess : IAsyncDisposable
    {
        private readonly Npgsql.NpgsqlDataSource _source;

        public OtherProcess(string connectionString)
        {
            _source = Npgsql.NpgsqlDataSource.Create(connectionString);
            var transport = new Domain.ChangeFeed.PostgresChangeTransport(_source);
            Feed = new Domain.ChangeFeed.ChangeFeed(
                transport, transport, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Domain.ChangeFeed.ChangeFeed>.Instance);
        }

        public Domain.ChangeFeed.ChangeFeed Feed { get; }

        public Task StartAsync(CancellationToken ct) => Feed.StartAsync(ct);

        /// <summary>Until its LISTEN stands: a topic's waker is called then.</summary>
        public async Task ListeningAsync(CancellationToken ct)
        {
            await using var probe = _source.CreateCommand(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'");
            while ((long)(await probe.ExecuteScalarAsync(ct))! < 2)
            {
                await Task.Yield();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Feed.StopAsync(CancellationToken.None);
            Feed.Dispose();
            await _source.DisposeAsync();
        }
    }
}
