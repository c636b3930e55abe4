using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using Xunit;

namespace SaaS.MailHost.Tests.Router;

/// <summary>One message, however many recipients: one commit, each mailbox once.</summary>
public sealed class HandoverTests(RouterFixture mail) : IClassFixture<RouterFixture>
{
    [Fact]
    public async Task One_mailbox_is_stored_directly()
    {
        var (address, id) = await mail.AccountAsync();
        var result = await mail.DeliverAsync(RouteContext.Stranger, address);
        Assert.NotNull(result.Stored);
        Assert.Null(result.QueueId);
        Assert.Equal(1, await mail.CountAsync(id));
    }

    [Fact]
    public async Task Several_recipients_are_one_commit_and_each_mailbox_gets_it_once()
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync();
        var alias = await mail.AliasAsync(a, b);
        var group = await mail.GroupAsync(false, a, b, "far@elsewhere.test");
        var result = await mail.DeliverAsync(RouteContext.Stranger, a, alias, group, b, a.Replace("@", "+x@", StringComparison.Ordinal));
        Assert.NotNull(result.QueueId);
        Assert.Equal(3, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_recipient WHERE message_id = {result.QueueId}"));
        await mail.RunAsync();
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        Assert.Equal(1, await mail.CountAsync(idb));
        Assert.Equal("far@elsewhere.test", await mail.Directory.ScalarAsync<string>($"SELECT recipient FROM queue_recipient WHERE message_id = {result.QueueId} AND state = 0"));
    }

    [Fact]
    public async Task A_node_that_dies_between_the_mailbox_and_the_queue_stores_once()
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync();
        var result = await mail.DeliverAsync(RouteContext.Stranger, a, b);

        // Another node took both, stored the first, and died.
        var leased = Assert.Single(await mail.Queue.LeaseAsync("", 10, 10, "dead", TimeSpan.FromMinutes(1), CancellationToken.None));
        await using (var bytes = await mail.Queue.LoadAsync(leased.Id, CancellationToken.None))
        {
            var recipient = leased.Recipients.Single(r => r.Account == ida);
            var stored = await mail.Host.Services.GetRequiredService<IMailStore>().StoreAsync(
                new StoreRequest { Account = ida, Tenant = mail.Directory.Tenant, Message = bytes!, DeliveryKey = recipient.Id }, CancellationToken.None);
            Assert.True(stored.Ok);
        }

        await mail.RunAsync();
        Assert.Equal(0, await mail.CountAsync(idb));
        mail.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, await mail.Queue.TakeBackAsync(CancellationToken.None));
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        Assert.Equal(1, await mail.CountAsync(idb));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {result.QueueId}"));
    }

    [Fact]
    public async Task Trouble_of_our_own_is_tried_again_within_seconds()
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync();
        var result = await mail.DeliverAsync(RouteContext.Stranger, a, b);
        await mail.Directory.ExecuteAsync($"ALTER TABLE message ADD CONSTRAINT trouble CHECK (account_id <> {ida}) NOT VALID");
        await mail.RunAsync();
        Assert.Equal(0, await mail.CountAsync(ida));
        Assert.Equal(1, await mail.CountAsync(idb));
        await mail.Directory.ExecuteAsync("ALTER TABLE message DROP CONSTRAINT trouble");

        mail.Clock.Advance(TimeSpan.FromSeconds(6));
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {result.QueueId}"));
    }

    [Fact]
    public async Task An_outcome_that_could_not_be_written_is_written_later_and_not_delivered_again()
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, _) = await mail.AccountAsync();
        var result = await mail.DeliverAsync(RouteContext.Stranger, a, b);
        await mail.Directory.ExecuteAsync($"ALTER TABLE queue_recipient ADD CONSTRAINT trouble CHECK (message_id <> {result.QueueId} OR state IN (0, 1)) NOT VALID");
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        await mail.Directory.ExecuteAsync("ALTER TABLE queue_recipient DROP CONSTRAINT trouble");

        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {result.QueueId}"));
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_written_stops_no_other_message()
    {
        var (a, _) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync();
        var stuck = await mail.DeliverAsync(RouteContext.Stranger, a, b);
        await mail.Directory.ExecuteAsync($"ALTER TABLE queue_recipient ADD CONSTRAINT stuck CHECK (message_id <> {stuck.QueueId} OR state IN (0, 1)) NOT VALID");
        await mail.RunAsync();
        var next = await mail.DeliverAsync(RouteContext.Stranger, a, b);
        await mail.RunAsync();
        Assert.Equal(2, await mail.CountAsync(idb));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {next.QueueId}"));
        await mail.Directory.ExecuteAsync("ALTER TABLE queue_recipient DROP CONSTRAINT stuck");

        // Behind its lease it is somebody's again, and nothing is stored twice.
        mail.Clock.Advance(TimeSpan.FromMinutes(2));
        await mail.RunAsync();
        await mail.Queue.TakeBackAsync(CancellationToken.None);
        await mail.RunAsync();
        Assert.Equal(2, await mail.CountAsync(idb));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {stuck.QueueId}"));
    }

    [Fact]
    public async Task A_mailbox_that_filled_up_since_RCPT_is_refused_for_now()
    {
        var (address, id) = await mail.AccountAsync();
        await mail.RouteAsync(address);
        await mail.Directory.ExecuteAsync($"UPDATE account_state SET quota_bytes = 10 WHERE account_id = {id}");
        Assert.Equal(RefusalReason.OverQuota, (await mail.DeliverAsync(RouteContext.Stranger, address)).Refusal?.Reason);
    }

    [Fact]
    public async Task Among_several_a_full_or_suspended_mailbox_is_tried_again()
    {
        var (a, ida) = await mail.AccountAsync();
        var (full, idf) = await mail.AccountAsync("full", null, quota: 0);
        var (held, idh) = await mail.AccountAsync("held", "suspended = true");
        var group = await mail.GroupAsync(false, a, full);
        var patient = new RouteContext(null, mail.Alice, mail.Directory.Tenant, Patient: true);
        var result = await mail.DeliverAsync(patient, group, held);
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(ida));
        Assert.Equal("4.2.2 The mailbox is full.", await ReplyAsync(idf));
        Assert.Equal("4.2.1 The mailbox is not in use at present.", await ReplyAsync(idh));

        await mail.Directory.ExecuteAsync($"UPDATE account_state SET quota_bytes = 100000 WHERE account_id = {idf}");
        await mail.Directory.ExecuteAsync($"UPDATE account SET suspended = false WHERE id = {idh}");
        mail.Clock.Advance(TimeSpan.FromMinutes(2));
        await mail.RunAsync();
        Assert.Equal(1, await mail.CountAsync(idf));
        Assert.Equal(1, await mail.CountAsync(idh));

        Task<string> ReplyAsync(AccountId account) => mail.Directory.ScalarAsync<string>(
            $"SELECT last_reply FROM queue_recipient WHERE message_id = {result.QueueId} AND account_id = {account}");
    }

    [Fact]
    public async Task A_message_that_passed_fifty_hosts_is_a_loop()
    {
        var (address, _) = await mail.AccountAsync();
        var trace = string.Concat(Enumerable.Repeat("Received: from a by b;\r\n\tdate\r\n", 51));
        using var message = MessageBytes.From(System.Text.Encoding.ASCII.GetBytes(trace + "Subject: x\r\n\r\n"));
        var decision = await mail.RouteAsync(address);
        var result = await mail.Handover.AcceptAsync(
            new MailHost.Router.HandoverRequest { Message = message, ReversePath = null, Recipients = [new(MailAddress.Parse(address), decision)] },
            CancellationToken.None);
        Assert.Equal(RefusalReason.LoopDetected, result.Refusal?.Reason);
    }
}
