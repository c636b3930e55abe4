using System.Text;
using MailKit;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Moves;
using Xunit;
using StoredFlags = SaaS.Domain.Messages.MessageFlags;

namespace SaaS.MailHost.Tests.Moves;

/// <summary>Accounts come from a Debian Dovecot: whole, once, and again when something changed there.</summary>
public sealed class MoveTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_comes_whole_and_a_second_run_changes_nothing()
    {
        await using var s = await SceneAsync();
        await FillAsync(s.Source, 2000);

        var move = await s.MoveAsync();

        Assert.Equal((MoveState.Done, 0, null), (move.Move.State, move.Move.Differences, move.Move.Error));
        Assert.Equal((2012, 2012, 0, 2012), (move.Messages, move.Copied, move.Skipped, move.Checked));
        Assert.Null(move.Move.Secret);
        var boxes = await s.BoxesAsync();
        Assert.Equal(2000, boxes["INBOX"].Total);
        Assert.Equal(3, boxes["Sent"].Total); // "Gesendete Objekte" there
        Assert.Equal(2, boxes["Junk"].Total);
        Assert.Equal(4, boxes["Projekte/Größe/日本語"].Total);
        Assert.Equal(1, boxes["Projekte/Größe"].Total);
        Assert.Equal(2, boxes["Nicht abonniert"].Total);
        Assert.False(boxes["Nicht abonniert"].Subscribed);
        Assert.True(boxes["Projekte/Größe/日本語"].Subscribed);
        Assert.DoesNotContain(boxes.Keys, n => n.StartsWith("INBOX", StringComparison.Ordinal) && n != "INBOX");
        var rows = await s.RowsAsync("INBOX");
        Assert.Equal(StoredFlags.Seen | StoredFlags.Flagged, rows[0].Flags);
        Assert.Equal(["$label1", "rechnung"], rows[0].Keywords!);
        Assert.Equal(StoredFlags.None, rows[1].Flags);
        Assert.Equal(new DateTimeOffset(2011, 1, 1, 0, 0, 0, TimeSpan.Zero), rows[0].InternalDate);
        Assert.Equal(new DateTimeOffset(2011, 1, 1, 0, 7, 0, TimeSpan.Zero), rows[7].InternalDate);

        var before = await s.ModSeqAsync();
        var again = await s.RetryAsync(move);
        Assert.Equal((MoveState.Done, 0, 0L, 2012L), (again.Move.State, again.Move.Differences, again.Copied, again.Present));
        Assert.Equal(before, await s.ModSeqAsync());
    }

    [Fact]
    public async Task What_changed_at_the_source_follows_and_what_was_done_here_stays()
    {
        await using var s = await SceneAsync(followExpunges: true);
        await FillAsync(s.Source, 30);
        var move = await s.MoveAsync();
        var here = await s.RowsAsync("INBOX");
        await s.Store.ChangeFlagsAsync(s.Account, new Domain.Messages.MessageSelection.ById([here[20].Id]), new() { Add = StoredFlags.Answered }, Ct);

        using (var client = await s.Source.OpenAsync("anna", Ct))
        {
            await client.Inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
            await client.Inbox.AddFlagsAsync(5, MessageFlags.Answered, silent: true, Ct);
            await client.Inbox.RemoveFlagsAsync(0, MessageFlags.Flagged, silent: true, Ct);
            await client.Inbox.AddFlagsAsync([8, 9], MessageFlags.Deleted, silent: true, Ct);
            await client.Inbox.ExpungeAsync(Ct);
            await client.Inbox.AppendAsync(Mail("new"), MessageFlags.Draft, Ct);
        }

        var again = await s.RetryAsync(move);

        Assert.Equal((MoveState.Done, 0, 1L), (again.Move.State, again.Move.Differences, again.Copied));
        var rows = await s.RowsAsync("INBOX");
        Assert.Equal(29, rows.Count);
        Assert.True(rows.Single(r => r.Id == here[5].Id).Flags.HasFlag(StoredFlags.Answered));
        Assert.Equal(StoredFlags.Seen, rows.Single(r => r.Id == here[0].Id).Flags);
        Assert.Equal(StoredFlags.Answered, rows.Single(r => r.Id == here[20].Id).Flags);
        Assert.DoesNotContain(rows, r => r.Id == here[8].Id || r.Id == here[9].Id);
        Assert.Equal(StoredFlags.Draft, rows[^1].Flags);
    }

    [Fact]
    public async Task New_uids_at_the_source_bring_nothing_twice()
    {
        await using var s = await SceneAsync();
        await FillAsync(s.Source, 40);
        var move = await s.MoveAsync();
        uint before, after;
        using (var client = await s.Source.OpenAsync("anna", Ct))
        {
            await client.Inbox.OpenAsync(FolderAccess.ReadOnly, Ct);
            before = client.Inbox.UidValidity;
        }

        await s.Source.RenumberAsync("anna");
        using (var client = await s.Source.OpenAsync("anna", Ct))
        {
            await client.Inbox.OpenAsync(FolderAccess.ReadOnly, Ct);
            after = client.Inbox.UidValidity;
        }

        Assert.NotEqual(before, after);
        var again = await s.RetryAsync(move);

        Assert.Equal((MoveState.Done, 0L), (again.Move.State, again.Copied));
        Assert.Equal(40, (await s.RowsAsync("INBOX")).Count);
        var third = await s.RetryAsync(again);
        Assert.Equal((0L, 52L), (third.Copied, third.Present));
    }

    [Fact]
    public async Task A_node_that_dies_in_the_middle_leaves_a_move_that_another_ends()
    {
        await using var s = await SceneAsync(messagesPerSecond: 200, settings: ("Moves:Lease", "00:00:01"));
        await FillAsync(s.Source, 600);
        await s.OrderAsync();

        // Killed: nothing of it runs on, its lease stays as it is.
        var dying = TestHost.On(s.Host.ConnectionString, s.Settings);
        var run = ActivatorUtilities.CreateInstance<MailHost.Moves.MoveRun>(dying.Services);
        var lease = (await dying.Services.GetRequiredService<MoveLedger>().TakeAsync("dying", TimeSpan.FromSeconds(1), 8, Ct))!;
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = run.RunAsync(lease, kill.Token);
        await s.UntilAsync(m => m.Copied is > 100);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await dying.DisposeAsync();
        Assert.InRange((await s.RowsAsync("INBOX")).Count, 100, 599);

        await s.Host.StartAsync();
        var done = await s.UntilAsync(m => m.Move.State is not (MoveState.Waiting or MoveState.Running));

        Assert.Equal((MoveState.Done, 0, 612L), (done.Move.State, done.Move.Differences, done.Copied));
        var rows = await s.RowsAsync("INBOX");
        Assert.Equal(600, rows.Count);
        Assert.Equal(600, await s.Directory.ScalarAsync<long>("SELECT count(DISTINCT content) FROM moved_message WHERE content IS NOT NULL") - 12);
    }

    [Fact]
    public async Task A_dry_run_counts_and_stores_nothing_and_a_wrong_password_is_said()
    {
        await using var s = await SceneAsync(quota: 2000);
        await FillAsync(s.Source, 50);
        var dry = await s.MoveAsync(dryRun: true);
        Assert.Equal((MoveState.Done, 62L, 0L), (dry.Move.State, dry.Messages, dry.Copied));
        Assert.InRange(dry.Move.QuotaLacks, 5_000, 500_000);
        Assert.Empty(await s.RowsAsync("INBOX"));

        var wrong = await s.RetryAsync(dry, password: "no");
        Assert.Equal(MoveState.Failed, wrong.Move.State);
        Assert.Contains("does not let anna in", wrong.Move.Error, StringComparison.Ordinal);
        Assert.Null(wrong.Move.Secret);
    }

    [Fact]
    public async Task A_master_user_brings_a_user_whose_password_nobody_knows_and_quota_can_hold()
    {
        await using var s = await SceneAsync(quota: 3000, masterUser: "root", exceedQuota: false);
        await FillAsync(s.Source, 50);
        var full = await s.MoveAsync(password: "master");
        Assert.Equal(MoveState.Failed, full.Move.State);
        Assert.Contains("storage is full", full.Move.Error, StringComparison.Ordinal);

        await s.Directory.ExecuteAsync("UPDATE account_state SET quota_bytes = 100000000");
        var done = await s.RetryAsync(full, password: "master");
        Assert.Equal((MoveState.Done, 0, 62L), (done.Move.State, done.Move.Differences, done.Present));
        Assert.Equal(50, (await s.RowsAsync("INBOX")).Count);
    }

    [Fact]
    public async Task A_host_inside_is_refused_unless_the_operator_allows_it()
    {
        await using var s = await SceneAsync(settings: ("Moves:AllowedNetworks:0", "10.9.8.0/24"));
        var move = await s.MoveAsync();
        Assert.Equal(MoveState.Failed, move.Move.State);
        Assert.Contains("not public", move.Move.Error, StringComparison.Ordinal);
    }

    private static MimeMessage Mail(string subject)
    {
        var mail = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = $"About {subject}.\r\n" }, MessageId = $"{subject.Replace(' ', '.')}@old.test" };
        mail.From.Add(new MailboxAddress("Ä", "a@old.test"));
        mail.To.Add(new MailboxAddress("Anna", "anna@old.test"));
        mail.Date = new DateTimeOffset(2011, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return mail;
    }

    private static async Task FillAsync(DovecotSource source, int inbox)
    {
        using var client = await source.OpenAsync("anna", Ct);
        var requests = new List<IAppendRequest>();
        for (var i = 0; i < inbox; i++)
        {
            requests.Add(new AppendRequest(Mail($"inbox {i}"), i == 0 ? MessageFlags.Seen | MessageFlags.Flagged : MessageFlags.None, new DateTimeOffset(2011, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(i)));
        }

        foreach (var some in requests.Chunk(200))
        {
            await client.Inbox.AppendAsync(some, Ct);
        }

        await client.Inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        await client.Inbox.StoreAsync(0, new StoreFlagsRequest(StoreAction.Add, MessageFlags.None, ["$Label1", "Rechnung"]) { Silent = true }, Ct);
        var projects = (await client.Inbox.CreateAsync("Projekte", true, Ct))!;
        var size = (await projects.CreateAsync("Größe", true, Ct))!;
        var deep = (await size.CreateAsync("日本語", true, Ct))!;
        await deep.SubscribeAsync(Ct);
        foreach (var (folder, count) in new (IMailFolder, int)[]
        {
            (size, 1), (deep, 4), ((await client.Inbox.CreateAsync("Gesendete Objekte", true, Ct))!, 3), ((await client.Inbox.CreateAsync("Spam", true, Ct))!, 2),
            ((await client.Inbox.CreateAsync("Nicht abonniert", true, Ct))!, 2),
        })
        {
            for (var i = 0; i < count; i++)
            {
                await folder.AppendAsync(Mail($"{folder.FullName.Length} {i}"), MessageFlags.Seen, Ct);
            }
        }

    }

    private static async Task<Scene> SceneAsync(
        bool followExpunges = false, int messagesPerSecond = 0, long quota = 1_000_000_000, string? masterUser = null, bool? exceedQuota = null,
        params (string, string)[] settings)
    {
        Assert.SkipUnless(DovecotSource.CanRun, "needs root and Dovecot");
        var source = await DovecotSource.StartAsync();
        (string, string)[] all = [("Roles", "jobs"), ("Http:Port", DovecotSource.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture)), .. settings];
        if (!settings.Any(x => x.Item1.StartsWith("Moves:Allowed", StringComparison.Ordinal)))
        {
            all = [.. all, ("Moves:AllowedNetworks:0", "127.0.0.0/8")];
        }

        var keys = Convert.ToBase64String(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));
        all = [.. all, ("KeyProtection:Keys:0", keys)];
        var host = await TestHost.CreateAsync(manualClock: false, all);
        var directory = new TestDirectory(host.Services.GetRequiredService<NpgsqlDataSource>());
        await directory.CreateTenantAsync();
        var account = await directory.AddAccountAsync("anna", quota);
        return new Scene(source, host, directory, account, all, new MoveSource(
            "127.0.0.1", source.Port, SourceTls.None, MasterUser: masterUser, FollowExpunges: followExpunges, ExceedQuota: exceedQuota,
            MessagesPerSecond: messagesPerSecond));
    }

    private sealed record Scene(
        DovecotSource Source, TestHost Host, TestDirectory Directory, AccountId Account, (string Key, string Value)[] Settings, MoveSource From) : IAsyncDisposable
    {
        private bool _started;
        private long _id;

        public Domain.Messages.MessageStore Store => Host.Services.GetRequiredService<Domain.Messages.MessageStore>();

        public async Task<MoveSummary> OrderAsync(bool dryRun = false, string password = "old")
        {
            await using var scope = Host.Services.CreateAsyncScope();
            var made = await scope.ServiceProvider.GetRequiredService<MoveService>().CreateAsync(
                From, new MoveItem("anna", password, "anna@example.test"), dryRun, null, Ct);
            Assert.True(made.Ok, made.Refusal?.Text);
            _id = made.Value.Move.Id;
            return made.Value;
        }

        public async Task<MoveSummary> MoveAsync(bool dryRun = false, string password = "old")
        {
            await OrderAsync(dryRun, password);
            return await EndAsync();
        }

        public async Task<MoveSummary> RetryAsync(MoveSummary move, string password = "old")
        {
            await using var scope = Host.Services.CreateAsyncScope();
            var again = await scope.ServiceProvider.GetRequiredService<MoveService>().RetryAsync(move.Move.Id, password, false, Ct);
            Assert.True(again.Ok, again.Refusal?.Text);
            return await EndAsync();
        }

        private async Task<MoveSummary> EndAsync()
        {
            if (!_started)
            {
                _started = true;
                await Host.StartAsync();
            }

            return await UntilAsync(m => m.Move.State is not (MoveState.Waiting or MoveState.Running));
        }

        public async Task<MoveSummary> UntilAsync(Func<MoveSummary, bool> reached)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            MoveSummary seen;
            do
            {
                await using var scope = Host.Services.CreateAsyncScope();
                seen = (await scope.ServiceProvider.GetRequiredService<MoveService>().GetAsync(_id, Ct)).Value.Move;
            }
            while (!reached(seen) && await timer.WaitForNextTickAsync(Ct));
            return seen;
        }

        public async Task<Dictionary<string, Mailbox>> BoxesAsync() =>
            (await Host.Services.GetRequiredService<MailboxService>().ListAsync(Account, Ct)).ToDictionary(m => m.Name);

        public async Task<IReadOnlyList<Domain.Messages.MessageRow>> RowsAsync(string name) => await Store.RowsAsync(
            Account, new Domain.Messages.MessageSelection.ByUid((await BoxesAsync())[name].Id, []), Ct);

        public async Task<long> ModSeqAsync() => (await Store.ModSeqAsync(Account, Ct)).Value;

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync();
            await Host.DisposeAsync();
            await Source.DisposeAsync();
        }
    }
}
