using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using Xunit;

namespace SaaS.MailHost.Tests.Router;

/// <summary>Where each kind of address leads.</summary>
public sealed class RouterTests(RouterFixture mail) : IClassFixture<RouterFixture>
{
    [Fact]
    public async Task A_mailbox_is_found_in_any_case_and_with_its_detail()
    {
        var (address, id) = await mail.AccountAsync();
        Assert.Equal([Local(id)], (await mail.RouteAsync(address)).Routes);
        Assert.Equal([Local(id)], (await mail.RouteAsync(address.ToUpperInvariant())).Routes);
        Assert.Equal([Local(id, "Lists")], (await mail.RouteAsync(address.Replace("@", "+Lists@", StringComparison.Ordinal))).Routes);
        Assert.Equal([Local(id, "")], (await mail.RouteAsync(address.Replace("@", "+@", StringComparison.Ordinal))).Routes);
    }

    [Fact]
    public async Task An_address_with_a_plus_of_its_own_wins_over_the_detail()
    {
        var (address, _) = await mail.AccountAsync();
        var name = address[..address.IndexOf('@', StringComparison.Ordinal)];
        var exact = await mail.Directory.AddAccountAsync(name + "+vip");
        Assert.Equal([Local(exact)], (await mail.RouteAsync($"{name}+vip@example.test")).Routes);
    }

    [Fact]
    public async Task An_alias_leads_to_all_its_targets_here_and_elsewhere()
    {
        var (address, id) = await mail.AccountAsync();
        var alias = await mail.AliasAsync(address, "far@elsewhere.test");
        Assert.Equal([Local(id), Remote("far@elsewhere.test")], (await mail.RouteAsync(alias)).Routes);
    }

    [Fact]
    public async Task An_alias_that_is_switched_off_does_not_exist()
    {
        var alias = await mail.AliasAsync("alice@example.test");
        await mail.Directory.ExecuteAsync($"UPDATE alias SET enabled = false WHERE address = '{alias}'");
        Assert.Equal(RefusalReason.UnknownRecipient, (await mail.RouteAsync(alias)).Refusal?.Reason);
    }

    [Fact]
    public async Task A_group_leads_to_each_member_once()
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync();
        var inner = await mail.GroupAsync(false, b, "far@elsewhere.test");
        var group = await mail.GroupAsync(false, a, b, inner);
        var routes = (await mail.RouteAsync(group)).Routes;
        Assert.Equal(3, routes.Count);
        Assert.Contains(Local(ida), routes);
        Assert.Contains(Local(idb), routes);
        Assert.Contains(Remote("far@elsewhere.test"), routes);
    }

    [Fact]
    public async Task An_internal_group_takes_mail_of_its_tenant_only()
    {
        var (member, id) = await mail.AccountAsync();
        var group = await mail.GroupAsync(true, member);
        var forged = new RouteContext(MailAddress.Parse("alice@example.test"), null, null);
        Assert.Equal(RefusalReason.Forbidden, (await mail.RouteAsync(group, forged)).Refusal?.Reason);
        Assert.Equal(RefusalReason.Forbidden, (await mail.RouteAsync(group, new RouteContext(null, new AccountId(999), new TenantId(2)))).Refusal?.Reason);
        Assert.Equal([Local(id)], (await mail.RouteAsync(group, mail.As(mail.Alice))).Routes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_forward_keeps_a_copy_or_not(bool keep)
    {
        var (address, id) = await mail.AccountAsync("fwd", $"forward_to = '{{far@elsewhere.test}}', keep_forwarded = {keep}");
        var routes = (await mail.RouteAsync(address)).Routes;
        Assert.Contains(Remote("far@elsewhere.test"), routes);
        Assert.Equal(keep, routes.Contains(Local(id)));
        Assert.Equal(keep ? 2 : 1, routes.Count);
    }

    [Fact]
    public async Task A_forward_to_oneself_means_keep()
    {
        var (address, id) = await mail.AccountAsync();
        await mail.Directory.ExecuteAsync($"UPDATE account SET forward_to = ARRAY['{address}', 'far@elsewhere.test'], keep_forwarded = false WHERE id = {id}");
        var routes = (await mail.RouteAsync(address)).Routes;
        Assert.Equal(2, routes.Count);
        Assert.Contains(Local(id), routes);
    }

    [Fact]
    public async Task The_catch_all_takes_what_nobody_has()
    {
        Assert.Equal([Local(mail.Alice)], (await mail.RouteAsync("whoever@caught.test")).Routes);
        Assert.Equal(RefusalReason.LoopDetected, (await mail.RouteAsync("whoever@circle.test")).Refusal?.Reason);
    }

    [Theory]
    [InlineData("postmaster@example.test")]
    [InlineData("PostMaster@second.test")]
    [InlineData("postmaster@caught.test")]
    public async Task Postmaster_of_each_domain_has_a_mailbox(string address)
    {
        await mail.Directory.ExecuteAsync(
            "INSERT INTO mail_domain (tenant_id, name, state, verification_token, created_at) SELECT 1, 'second.test', 1, 'x', now() ON CONFLICT DO NOTHING");
        Assert.Equal([Local(mail.Alice)], (await mail.RouteAsync(address)).Routes);
    }

    [Theory]
    [InlineData("far@elsewhere.test")]
    [InlineData("someone@pending.test")]
    public async Task Outside_is_for_our_own_customers(string address)
    {
        Assert.Equal(RefusalReason.RelayDenied, (await mail.RouteAsync(address)).Refusal?.Reason);
        Assert.Equal([new Route.Remote(MailAddress.Parse(address), null)], (await mail.RouteAsync(address, mail.As(mail.Alice))).Routes);
    }

    [Fact]
    public async Task Nobody_is_unknown() =>
        Assert.Equal(RefusalReason.UnknownRecipient, (await mail.RouteAsync("nobody@example.test")).Refusal?.Reason);

    [Fact]
    public async Task A_new_mailbox_is_found_at_once_and_a_full_one_is_refused()
    {
        var name = mail.Name("new");
        Assert.Equal(RefusalReason.UnknownRecipient, (await mail.RouteAsync($"{name}@example.test")).Refusal?.Reason);
        var id = await mail.Directory.AddAccountAsync(name, quota: 0);
        Assert.Equal(RefusalReason.OverQuota, (await mail.RouteAsync($"{name}@example.test")).Refusal?.Reason);
        await mail.Directory.ExecuteAsync($"UPDATE account_state SET quota_bytes = 1000 WHERE account_id = {id}");
        mail.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([Local(id)], (await mail.RouteAsync($"{name}@example.test")).Routes);
    }

    [Fact]
    public async Task A_full_mailbox_that_forwards_loses_nothing()
    {
        var (address, id) = await mail.AccountAsync("full", "forward_to = '{far@elsewhere.test}', keep_forwarded = true", quota: 0);
        Assert.Contains(Local(id), (await mail.RouteAsync(address)).Routes);
    }

    [Fact]
    public async Task What_an_admin_changes_holds_for_the_next_recipient()
    {
        var (address, id) = await mail.AccountAsync();
        Assert.Equal([Local(id)], (await mail.RouteAsync(address)).Routes);
        await using (var scope = mail.Host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<MailDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            var account = await db.Accounts.SingleAsync(a => a.Id == id, TestContext.Current.CancellationToken);
            account.Suspended = true;
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            Assert.Equal([Local(id)], (await mail.RouteAsync(address)).Routes);
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(RefusalReason.Suspended, (await mail.RouteAsync(address)).Refusal?.Reason);
    }

    [Fact]
    public async Task What_is_suspended_is_refused_for_now()
    {
        var (address, _) = await mail.AccountAsync("held", "suspended = true");
        Assert.Equal(RefusalReason.Suspended, (await mail.RouteAsync(address)).Refusal?.Reason);
        Assert.Equal(RefusalReason.Suspended, (await mail.RouteAsync("x@off.test")).Refusal?.Reason);
        Assert.Equal(RefusalReason.Suspended, (await mail.RouteAsync("x@offtenant.test")).Refusal?.Reason);
    }

    [Fact]
    public async Task Aliases_in_a_circle_end()
    {
        var first = mail.Name("circle");
        var second = await mail.AliasAsync($"{first}@example.test");
        await mail.Directory.AddAliasAsync(first, second);
        Assert.Equal(RefusalReason.LoopDetected, (await mail.RouteAsync(second)).Refusal?.Reason);

        var (address, id) = await mail.AccountAsync();
        await mail.Directory.ExecuteAsync($"UPDATE alias SET targets = targets || ARRAY['{address}'] WHERE address = '{second}'");
        mail.Host.Services.GetRequiredService<IChangeFeed>().Wake(DirectoryChanges.Topic);
        Assert.Equal([Local(id)], (await mail.RouteAsync(second)).Routes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forwards_in_a_circle_end(bool keep)
    {
        var (a, ida) = await mail.AccountAsync();
        var (b, idb) = await mail.AccountAsync("user", $"forward_to = '{{{a}}}', keep_forwarded = {keep}");
        await mail.Directory.ExecuteAsync($"UPDATE account SET forward_to = '{{{b}}}', keep_forwarded = {keep} WHERE id = {ida}");
        var decision = await mail.RouteAsync(a);
        if (keep)
        {
            Assert.Equal([Local(ida), Local(idb)], decision.Routes);
        }
        else
        {
            Assert.Equal(RefusalReason.LoopDetected, decision.Refusal?.Reason);
        }
    }

    [Fact]
    public async Task A_chain_that_is_too_long_is_a_loop()
    {
        var target = "alice@example.test";
        for (var i = 0; i < 12; i++)
        {
            target = await mail.AliasAsync(target);
        }

        Assert.Equal(RefusalReason.LoopDetected, (await mail.RouteAsync(target)).Refusal?.Reason);
    }

    private Route.Local Local(AccountId id, string? detail = null) => new(id, mail.Directory.Tenant, detail);

    private Route.Remote Remote(string address) => new(MailAddress.Parse(address), mail.Directory.Tenant);
}
