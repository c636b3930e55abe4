using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.MailHost.Router;
using SaaS.MailHost.Submission;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Router;

/// <summary>A host that is not started, so that tests run its workers batch by batch. Tenant 1 has example.test and second.test, tenant 2
/// other.test; alice is tenant 1's admin.</summary>
public sealed class RouterFixture : IAsyncLifetime
{
    private int _count;

    internal TestHost Host { get; private set; } = null!;

    internal TestDirectory Directory { get; private set; } = null!;

    internal ManualClock Clock => Host.Clock!;

    internal AccountId Alice { get; private set; }

    internal OutboundQueue Queue => Host.Services.GetRequiredService<OutboundQueue>();

    internal MessageHandover Handover => Host.Services.GetRequiredService<MessageHandover>();

    public async ValueTask InitializeAsync()
    {
        Host = await TestHost.CreateAsync();
        Directory = new TestDirectory(Host.Services.GetRequiredService<NpgsqlDataSource>());
        await Directory.CreateTenantAsync();
        await Directory.ExecuteAsync("""
            INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 1, 'Other', false, now()), (1, 1, 'Off', true, now());
            INSERT INTO mail_domain (tenant_id, name, state, verification_token, catch_all, created_at) VALUES
              (2, 'other.test', 1, 'x', NULL, now()), (1, 'pending.test', 0, 'x', NULL, now()), (1, 'off.test', 2, 'x', NULL, now()),
              (3, 'offtenant.test', 1, 'x', NULL, now()), (1, 'caught.test', 1, 'x', 'alice@example.test', now()),
              (1, 'circle.test', 1, 'x', 'nobody@circle.test', now());
            """);
        Alice = await Directory.AddAccountAsync("alice");
        await Directory.ExecuteAsync($"INSERT INTO role_grant (user_id, role, tenant_id, created_at) SELECT id, 2, 1, now() FROM app_user WHERE account_id = {Alice}");
    }

    /// <summary>A name that no other test uses: what was found once is remembered.</summary>
    internal string Name(string start) => $"{start}{Interlocked.Increment(ref _count)}";

    internal async Task<(string Address, AccountId Id)> AccountAsync(string start = "user", string? set = null, long quota = 1_000_000_000)
    {
        var name = Name(start);
        var id = await Directory.AddAccountAsync(name, quota);
        if (set is not null)
        {
            await Directory.ExecuteAsync($"UPDATE account SET {set} WHERE id = {id}");
        }

        return ($"{name}@example.test", id);
    }

    internal async Task<string> AliasAsync(params string[] targets)
    {
        var name = Name("alias");
        await Directory.AddAliasAsync(name, targets);
        return $"{name}@example.test";
    }

    internal async Task<string> GroupAsync(bool internalOnly, params string[] members)
    {
        var name = Name("group");
        await Directory.ExecuteAsync($"""
            WITH g AS (
              INSERT INTO mail_group (tenant_id, domain_id, local_part, address, name, internal_only, created_at)
              VALUES (1, 1, '{name}', '{name}@example.test', '{name}', {internalOnly}, now()) RETURNING id),
            e AS (INSERT INTO address (domain_id, local_part, tenant_id, kind, target_id) SELECT 1, '{name}', 1, 2, id FROM g)
            INSERT INTO group_member (group_id, tenant_id, address) SELECT g.id, 1, m FROM g, unnest(ARRAY[{string.Join(',', members.Select(m => $"'{m}'"))}]) AS m
            """);
        return $"{name}@example.test";
    }

    internal ValueTask<RouteDecision> RouteAsync(string address, RouteContext? context = null) =>
        Host.Services.GetRequiredService<IMessageRouter>().ResolveAsync(MailAddress.Parse(address), context ?? RouteContext.Stranger, CancellationToken.None);

    internal RouteContext As(AccountId account) => new(null, account, Directory.Tenant);

    internal async Task<HandoverResult> DeliverAsync(RouteContext context, params string[] recipients)
    {
        using var message = MessageBytes.From("From: them@remote.test\r\nSubject: Hello\r\nMessage-ID: <1@remote.test>\r\n\r\nHello.\r\n"u8.ToArray());
        var resolved = new List<HandoverRecipient>();
        foreach (var r in recipients)
        {
            resolved.Add(new HandoverRecipient(MailAddress.Parse(r), await RouteAsync(r, context)));
        }

        return await Handover.AcceptAsync(new HandoverRequest
        {
            Message = message,
            ReversePath = MailAddress.Parse("them@remote.test"),
            Recipients = resolved,
            Account = context.Account,
            Tenant = context.Tenant,
        }, CancellationToken.None);
    }

    internal async Task RunAsync()
    {
        while (await Worker<FanOutWorker>().RunBatchAsync(CancellationToken.None))
        {
        }
    }

    internal Task SubmitAsync() => Worker<SubmissionWorker>().RunBatchAsync(CancellationToken.None);

    internal Task<long> CountAsync(AccountId account) =>
        Directory.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {account} AND mailbox_id = 1");

    private T Worker<T>() => Host.Services.GetServices<IHostedService>().OfType<T>().Single();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
