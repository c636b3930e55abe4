using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.Domain.Submissions;
using SaaS.MailHost.Submission;
using SaaS.MailHost.Tests.Router;
using Xunit;

namespace SaaS.MailHost.Tests.Submission;

/// <summary>Rows as the API writes them, through SubmissionService, and what becomes of them.</summary>
public sealed class SubmissionWorkerTests(RouterFixture mail) : IClassFixture<RouterFixture>
{
    private SubmissionService Service => mail.Host.Services.GetRequiredService<SubmissionService>();

    [Fact]
    public async Task It_is_queued_once_without_Bcc_and_with_its_Message_ID()
    {
        var (address, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, address, ["far@elsewhere.test", "two@elsewhere.test"], extra: "Bcc: hidden@elsewhere.test\r\n");
        await mail.SubmitAsync();
        await mail.SubmitAsync();
        var done = await GetAsync(id, row);
        Assert.Equal(UndoStatus.Final, done.UndoStatus);
        Assert.Null(done.Error);
        Assert.Equal(2, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_recipient WHERE message_id = {done.QueueId}"));
        var messageId = await mail.Directory.ScalarAsync<string>($"SELECT message_id_header FROM queue_message WHERE id = {done.QueueId}");
        await using var bytes = await mail.Queue.LoadAsync(done.QueueId!.Value, CancellationToken.None);
        using var reader = new StreamReader(bytes!.OpenRead());
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"\r\nMessage-ID: {messageId}\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_waits_for_its_time_and_can_be_taken_back_until_then()
    {
        var (address, id) = await mail.AccountAsync();
        var sent = await SubmitAsync(id, address, ["far@elsewhere.test"], TimeSpan.FromMinutes(10));
        var taken = await SubmitAsync(id, address, ["far@elsewhere.test"], TimeSpan.FromMinutes(10));
        await mail.SubmitAsync();
        Assert.Equal(UndoStatus.Pending, (await GetAsync(id, sent)).UndoStatus);
        Assert.True((await Service.CancelAsync(id, taken, CancellationToken.None)).Ok);
        mail.Clock.Advance(TimeSpan.FromMinutes(11));
        await mail.SubmitAsync();
        Assert.NotNull((await GetAsync(id, sent)).QueueId);
        Assert.Null((await GetAsync(id, taken)).QueueId);
        Assert.Equal(RefusalReason.Conflict, (await Service.CancelAsync(id, sent, CancellationToken.None)).Refusal?.Reason);
    }

    [Fact]
    public async Task Two_nodes_send_each_once()
    {
        var (address, id) = await mail.AccountAsync();
        for (var i = 0; i < 50; i++)
        {
            await SubmitAsync(id, address, ["far@elsewhere.test"]);
        }

        await using var second = TestHost.On(mail.Host.ConnectionString);
        var other = second.Services.GetServices<IHostedService>().OfType<SubmissionWorker>().Single();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async n =>
        {
            for (var i = 0; i < 4; i++)
            {
                await (n % 2 == 0 ? mail.SubmitAsync() : other.RunBatchAsync(CancellationToken.None));
            }
        }));
        Assert.Equal(50, await mail.Directory.ScalarAsync<long>($"SELECT count(DISTINCT queue_id) FROM email_submission WHERE account_id = {id} AND undo_status = 1"));
        Assert.Equal(50, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE account_id = {id}"));
    }

    [Fact]
    public async Task Recipients_that_can_never_be_reached_come_back_as_a_report()
    {
        var (address, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, address, ["far@elsewhere.test", "nobody@example.test"]);
        await mail.SubmitAsync();
        var done = await GetAsync(id, row);
        Assert.Null(done.Error);
        Assert.NotNull(done.QueueId);
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(id));
        var content = await mail.Directory.ScalarAsync<long>($"SELECT content_id FROM message WHERE account_id = {id} AND mailbox_id = 1");
        await using var raw = await mail.Host.Services.GetRequiredService<MessageStore>().OpenRawAsync(id, new ContentId(content), CancellationToken.None);
        using var reader = new StreamReader(raw!);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Final-Recipient: rfc822; nobody@example.test", text, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_can_be_reached_the_row_says_why()
    {
        var (address, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, address, ["nobody@example.test"]);
        await mail.SubmitAsync();
        var done = await GetAsync(id, row);
        Assert.Equal(UndoStatus.Final, done.UndoStatus);
        Assert.Equal("550 5.1.1 No such mailbox here. <nobody@example.test>", done.Error);
    }

    [Fact]
    public async Task Who_sends_on_behalf_of_a_shared_mailbox_is_named_and_who_sends_as_it_is_not()
    {
        var (address, id) = await mail.AccountAsync();
        var (help, info) = (mail.Name("help"), mail.Name("info"));
        await mail.Directory.AddSharedAsync(help, address.Split('@')[0], MailboxRights.SendOnBehalf);
        await mail.Directory.AddSharedAsync(info, address.Split('@')[0], MailboxRights.SendAs);
        var onBehalf = await SubmitAsync(id, $"{help}@example.test", ["far@elsewhere.test"]);
        var asIt = await SubmitAsync(id, $"{info}@example.test", ["far@elsewhere.test"]);
        var hidden = await SubmitAsync(id, $"{help}@example.test", ["far@elsewhere.test"], extra: $"Sender: {help}@example.test\r\n");
        await mail.SubmitAsync();
        Assert.Contains($"\r\nSender: <{address}>\r\n", await QueuedAsync(id, onBehalf), StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nSender:", await QueuedAsync(id, asIt), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", (await GetAsync(id, hidden)).Error, StringComparison.Ordinal);
    }

    private async Task<string> QueuedAsync(AccountId account, long id)
    {
        await using var bytes = await mail.Queue.LoadAsync((await GetAsync(account, id)).QueueId!.Value, CancellationToken.None);
        using var reader = new StreamReader(bytes!.OpenRead());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Anothers_address_is_refused()
    {
        var (_, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, "alice@example.test", ["far@elsewhere.test"]);
        await mail.SubmitAsync();
        Assert.StartsWith("550 5.7.1", (await GetAsync(id, row)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plans_limit_makes_it_wait_and_it_can_still_be_taken_back()
    {
        var (address, id) = await mail.AccountAsync();
        await mail.Directory.ExecuteAsync(
            $"INSERT INTO send_usage (account_id, hour, recipients) VALUES ({id}, date_trunc('hour', timestamptz '{mail.Clock.GetUtcNow():O}'), 1999)");
        var row = await SubmitAsync(id, address, ["far@elsewhere.test", "two@elsewhere.test"]);
        var back = await SubmitAsync(id, address, ["far@elsewhere.test", "two@elsewhere.test"]);
        await mail.SubmitAsync();
        Assert.Equal(UndoStatus.Pending, (await GetAsync(id, row)).UndoStatus);
        Assert.True((await Service.CancelAsync(id, back, CancellationToken.None)).Ok);
        await mail.Directory.ExecuteAsync($"DELETE FROM send_usage WHERE account_id = {id}");
        mail.Clock.Advance(TimeSpan.FromMinutes(2));
        await mail.SubmitAsync();
        Assert.NotNull((await GetAsync(id, row)).QueueId);
        Assert.Equal(2, await mail.Directory.ScalarAsync<int>($"SELECT recipients FROM send_usage WHERE account_id = {id}"));
    }

    [Fact]
    public async Task Refused_for_now_until_it_expires()
    {
        var (address, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, address, ["x@off.test"]);
        await mail.SubmitAsync();
        Assert.Equal(UndoStatus.Pending, (await GetAsync(id, row)).UndoStatus);
        mail.Clock.Advance(TimeSpan.FromDays(4));
        await mail.SubmitAsync();
        Assert.StartsWith("450 4.2.1", (await GetAsync(id, row)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_in_the_scheduled_mailbox_is_filed_as_sent_when_it_goes()
    {
        var (address, id) = await mail.AccountAsync();
        var box = await ScheduledAsync(id);
        var row = await SubmitAsync(id, address, ["far@elsewhere.test"], TimeSpan.FromMinutes(10), box: box);
        var message = (await GetAsync(id, row)).MessageId;
        await mail.SubmitAsync();
        Assert.Equal(box.Value, await PlaceAsync(id, message));
        mail.Clock.Advance(TimeSpan.FromMinutes(11));
        await mail.SubmitAsync();
        Assert.NotNull((await GetAsync(id, row)).QueueId);
        var sent = await mail.Directory.ScalarAsync<long>($"SELECT id FROM mailbox WHERE account_id = {id} AND special_use = 3");
        Assert.Equal(sent, await PlaceAsync(id, message));
        Assert.Equal(1, await mail.Directory.ScalarAsync<int>($"SELECT flags & 17 FROM message WHERE account_id = {id} AND id = {message}"));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM email_submission WHERE account_id = {id} AND on_send_mailbox_id IS NOT NULL"));
    }

    [Fact]
    public async Task What_a_kill_left_unfiled_is_filed_by_the_next_round()
    {
        var (address, id) = await mail.AccountAsync();
        var row = await SubmitAsync(id, address, ["far@elsewhere.test"], box: await ScheduledAsync(id));
        await mail.Directory.ExecuteAsync($"UPDATE email_submission SET undo_status = 1, queue_id = 1 WHERE account_id = {id} AND id = {row}");
        await mail.SubmitAsync();
        Assert.Equal(
            await mail.Directory.ScalarAsync<long>($"SELECT id FROM mailbox WHERE account_id = {id} AND special_use = 3"),
            await PlaceAsync(id, (await GetAsync(id, row)).MessageId));
    }

    [Fact]
    public async Task What_was_deleted_while_it_waited_does_not_go_and_what_failed_stays()
    {
        var (address, id) = await mail.AccountAsync();
        var box = await ScheduledAsync(id);
        var trashed = await SubmitAsync(id, address, ["far@elsewhere.test"], TimeSpan.FromMinutes(1), box: box);
        var gone = await SubmitAsync(id, address, ["far@elsewhere.test"], TimeSpan.FromMinutes(1), box: box);
        var failed = await SubmitAsync(id, address, ["nobody@example.test"], TimeSpan.FromMinutes(1), box: box);
        var store = mail.Host.Services.GetRequiredService<MessageStore>();
        var trash = new MailboxId(await mail.Directory.ScalarAsync<long>($"SELECT id FROM mailbox WHERE account_id = {id} AND special_use = 4"));
        await store.MoveAsync(id, new MessageSelection.ById([(await GetAsync(id, trashed)).MessageId]), trash, CancellationToken.None);
        await store.ExpungeAsync(id, new MessageSelection.ById([(await GetAsync(id, gone)).MessageId]), false, CancellationToken.None);
        mail.Clock.Advance(TimeSpan.FromMinutes(2));
        await mail.SubmitAsync();
        Assert.Equal(UndoStatus.Canceled, (await GetAsync(id, trashed)).UndoStatus);
        Assert.Equal(UndoStatus.Canceled, (await GetAsync(id, gone)).UndoStatus);
        var left = await GetAsync(id, failed);
        Assert.StartsWith("550 5.1.1", left.Error, StringComparison.Ordinal);
        Assert.Equal(box.Value, await PlaceAsync(id, left.MessageId));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE account_id = {id}"));
    }

    /// <summary>The worker is slow, its lease ends, the user takes the message back: it must not go after that, nor be taken back after it went.</summary>
    [Fact]
    public async Task Taken_back_after_the_lease_ended_it_is_not_sent_by_the_one_who_held_it()
    {
        var (address, id) = await mail.AccountAsync();
        for (var n = 0; n < 20; n++)
        {
            var row = await SubmitAsync(id, address, ["far@elsewhere.test"]);
            await mail.Directory.ExecuteAsync(
                $"UPDATE email_submission SET lease_owner = 'slow', lease_until = timestamptz '{mail.Clock.GetUtcNow().AddSeconds(-1):O}' WHERE account_id = {id} AND id = {row}");
            var run = mail.SubmitAsync();
            var canceled = await Service.CancelAsync(id, row, CancellationToken.None);
            await run;
            await mail.SubmitAsync();
            var done = await GetAsync(id, row);
            Assert.Equal(canceled.Ok ? UndoStatus.Canceled : UndoStatus.Final, done.UndoStatus);
            Assert.Equal(canceled.Ok, done.QueueId is null);
        }

        Assert.Equal(
            await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM email_submission WHERE account_id = {id} AND undo_status = 1"),
            await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE account_id = {id}"));
    }

    private async Task<MailboxId> ScheduledAsync(AccountId account)
    {
        var boxes = mail.Host.Services.GetRequiredService<MailboxService>();
        var made = await boxes.CreateAsync(account, "Scheduled", SpecialUse.Scheduled, true, CancellationToken.None);
        return made.Value!.Id;
    }

    private Task<long> PlaceAsync(AccountId account, MessageId message) =>
        mail.Directory.ScalarAsync<long>($"SELECT mailbox_id FROM message WHERE account_id = {account} AND id = {message}");

    private async Task<EmailSubmission> GetAsync(AccountId account, long id) => Assert.Single(await Service.GetAsync(account, [id], CancellationToken.None));

    private async Task<long> SubmitAsync(AccountId account, string from, string[] to, TimeSpan wait = default, string extra = "", MailboxId? box = null)
    {
        using var message = MessageBytes.From(Encoding.ASCII.GetBytes($"From: {from}\r\nTo: x@elsewhere.test\r\n{extra}Subject: Hello\r\n\r\nHello.\r\n"));
        var store = mail.Host.Services.GetRequiredService<MessageStore>();
        var stored = await store.StoreAsync(
            new StoreRequest { Account = account, Tenant = mail.Directory.Tenant, Message = message, SpecialUse = SpecialUse.Sent, Mailbox = box, Flags = MessageFlags.Draft },
            CancellationToken.None);
        var row = Assert.Single(await store.RowsAsync(account, new MessageSelection.ById([stored.Value!.Id]), CancellationToken.None));
        var made = await Service.SubmitAsync(new SubmitRequest
        {
            Account = account,
            IdentityId = 1,
            Message = row,
            MailFrom = MailAddress.Parse(from),
            RcptTo = [.. to.Select(MailAddress.Parse)],
            SendAt = mail.Clock.GetUtcNow() + wait,
        }, CancellationToken.None);
        return made.Value!.Id;
    }
}
