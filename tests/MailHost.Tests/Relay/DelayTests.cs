using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.MailHost.Tests.Router;
using Xunit;

namespace SaaS.MailHost.Tests.Relay;

/// <summary>What a sender hears, and when, of mail that does not get through.</summary>
public sealed class DelayTests(RouterFixture mail) : IClassFixture<RouterFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_notice_after_four_hours_and_the_end_after_three_days(bool full)
    {
        var (address, id) = await mail.AccountAsync();
        var destination = mail.Name("slow") + ".test";
        var queued = await EnqueueAsync(address, id, destination, DsnNotify.Default, full);
        await DeferAsync(destination);
        Assert.Equal(0, await ReportsAsync(id));

        mail.Clock.Advance(TimeSpan.FromHours(4.5));
        await DeferAsync(destination);
        Assert.Equal(1, await ReportsAsync(id));
        var delayed = await LatestAsync(id);
        Assert.Contains("Action: delayed", delayed, StringComparison.Ordinal);
        Assert.Contains("Status: 4.4.1", delayed, StringComparison.Ordinal);
        Assert.Contains("Will-Retry-Until: ", delayed, StringComparison.Ordinal);
        Assert.Contains("text/rfc822-headers", delayed, StringComparison.Ordinal);

        mail.Clock.Advance(TimeSpan.FromHours(5));
        await DeferAsync(destination);
        Assert.Equal(1, await ReportsAsync(id));

        mail.Clock.Advance(TimeSpan.FromDays(3));
        await DeferAsync(destination);
        Assert.Equal(2, await ReportsAsync(id));
        Assert.Equal(0, await mail.Directory.ScalarAsync<long>($"SELECT count(*) FROM queue_message WHERE id = {queued}"));
        var failed = await LatestAsync(id);
        Assert.Contains("Action: failed", failed, StringComparison.Ordinal);
        Assert.Contains("Status: 5.4.1", failed, StringComparison.Ordinal);
        Assert.Contains("Return-Path: <>", failed, StringComparison.Ordinal);
        Assert.Equal(full, failed.Contains("the whole body", StringComparison.Ordinal));
        Assert.Equal(full, failed.Contains("Content-Type: message/rfc822", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_asked_for_failures_only_hears_nothing_of_delays()
    {
        var (address, id) = await mail.AccountAsync();
        var destination = mail.Name("slow") + ".test";
        await EnqueueAsync(address, id, destination, DsnNotify.Failure, false);
        mail.Clock.Advance(TimeSpan.FromHours(4.5));
        await DeferAsync(destination);
        Assert.Equal(0, await ReportsAsync(id));
        mail.Clock.Advance(TimeSpan.FromDays(3));
        await DeferAsync(destination);
        Assert.Equal(1, await ReportsAsync(id));
    }

    private async Task<long> EnqueueAsync(string from, AccountId account, string destination, DsnNotify notify, bool full)
    {
        using var bytes = MessageBytes.From(Encoding.ASCII.GetBytes($"From: {from}\r\nSubject: T\r\n\r\nthe whole body\r\n"));
        return await mail.Queue.EnqueueAsync(new EnqueueRequest
        {
            Tenant = mail.Directory.Tenant,
            Account = account,
            ReversePath = MailAddress.Parse(from),
            ReturnFull = full,
            Message = bytes,
            Recipients = [new EnqueueRecipient(MailAddress.Parse($"x@{destination}"), null, null, notify)],
        }, CancellationToken.None);
    }

    private async Task DeferAsync(string destination)
    {
        var message = Assert.Single(await mail.Queue.LeaseAsync(destination, 10, 10, "me", TimeSpan.FromMinutes(1), CancellationToken.None));
        await mail.Host.Services.GetRequiredService<Settlement>().SettleAsync(
            message, "me", [new Attempt(message.Recipients[0], AttemptResult.Deferred, "4.4.1 No answer.")], null, CancellationToken.None);
        await mail.RunAsync();
    }

    private Task<long> ReportsAsync(AccountId account) => mail.CountAsync(account);

    private async Task<string> LatestAsync(AccountId account)
    {
        var content = await mail.Directory.ScalarAsync<long>($"SELECT content_id FROM message WHERE account_id = {account} ORDER BY id DESC LIMIT 1");
        await using var raw = await mail.Host.Services.GetRequiredService<MessageStore>().OpenRawAsync(account, new ContentId(content), CancellationToken.None);
        using var reader = new StreamReader(raw!);
        return await reader.ReadToEndAsync();
    }
}
