using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Client.OAuthClients;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.LegacyPlatforms;
using SaaS.Domain.Messages;
using SaaS.Domain.Plans;
using SaaS.Domain.Queue;
using SaaS.Domain.Resellers;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tests;

/// <summary>One of everything that a tenant and its reseller can have. Every name in it holds the mark, so that a leak is a word in an answer.</summary>
internal sealed record Estate(
    string Mark, long Reseller, long ResellerAdmin, long Plan, long Tenant, long Domain, long Account, long Colleague, long Alias, long Group, long Brand,
    long Queued, string ServiceClient, long AppPassword, Guid Session, long LegacyPlatform)
{
    public string DomainName => $"{Mark}.example";
    public string AdminLogin => $"admin@{DomainName}";
    public string UserLogin => $"user@{DomainName}";
    public string ResellerLogin => $"boss@{Mark}-reseller.test";
    public CallerScope AsTenant => new CallerScope.OfTenant(new TenantId(Tenant));
    public CallerScope AsReseller => new CallerScope.OfReseller(new ResellerId(Reseller));
}

/// <summary>Two resellers, each with a tenant, that must never see each other; and an operator.</summary>
internal sealed class World(ApiHost host)
{
    public const string Password = "correct horse battery";
    public const string OperatorLogin = "root@platform.test";

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public ApiHost Host => host;

    public static async Task<World> CreateAsync(params (string Key, string Value)[] settings)
    {
        var host = await ApiHost.StartAsync(settings);
        Must(await host.As<UserService>(CallerScope.Platform).CreateAsync(
            new NewUser(OperatorLogin, "Root", Password, new RoleOver(Role.Operator)), Ct));
        return new World(host);
    }

    public Task<Tokens> OperatorAsync() => host.SignInAsync(OperatorLogin, Password);

    /// <summary>Makes a reseller with a tenant that has one of each.</summary>
    public async Task<Estate> AddEstateAsync(string mark)
    {
        var reseller = Must(await host.As<ResellerService>(CallerScope.Platform).CreateAsync(new NewReseller($"{mark} reseller"), Ct)).Id;
        var asReseller = new CallerScope.OfReseller(reseller);
        var boss = Must(await host.As<UserService>(CallerScope.Platform).CreateAsync(
            new NewUser($"boss@{mark}-reseller.test", $"{mark} boss", Password, new RoleOver(Role.ResellerAdmin, Reseller: reseller)), Ct));
        var plan = Must(await host.As<PlanService>(asReseller).CreateAsync(new NewPlan($"{mark} plan", 1 << 30), Ct)).Id;
        var tenant = Must(await host.As<TenantService>(asReseller).CreateAsync(new NewTenant($"{mark} tenant", plan), Ct)).Id;
        var asTenant = new CallerScope.OfTenant(tenant);
        var domain = Must(await host.As<DomainService>(asTenant).CreateAsync(tenant, $"{mark}.example", Ct)).Id;
        Must(await host.As<DomainService>(CallerScope.Platform).VouchAsync(domain, Ct));
        var admin = Must(await host.As<AccountService>(asTenant).CreateAsync(
            new NewAccount($"admin@{mark}.example", $"{mark} admin", Password, Roles: [Role.TenantAdmin]), Ct)).Id;
        var user = Must(await host.As<AccountService>(asTenant).CreateAsync(
            new NewAccount($"user@{mark}.example", $"{mark} user", Password), Ct)).Id;
        var alias = Must(await host.As<AliasService>(asTenant).CreateAsync($"sales@{mark}.example", [$"user@{mark}.example"], Ct)).Id;
        var group = Must(await host.As<GroupService>(asTenant).CreateAsync(
            new NewGroup($"all@{mark}.example", $"{mark} all", Members: [$"user@{mark}.example"]), Ct)).Id;
        var brand = Must(await host.As<BrandService>(asReseller).SaveAsync(
            reseller, null, new BrandContent($"{mark} brand", "#0b7285", "#e8590c"), null, Ct)).Id;
        Must(await host.As<BrandService>(CallerScope.Platform).AddHostAsync(brand, $"mail.{mark}-reseller.test", Ct));
        Must(await host.As<BrandService>(asReseller).SetLogoAsync(brand, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], Ct));
        var client = await host.RegisterAsync(
            await host.SignInAsync($"admin@{mark}.example", Password), new CreateOAuthClient($"{mark} service", OAuthClientKind.Service, ["admin"]));
        var queued = await EnqueueAsync(mark, tenant, user);
        long appPassword;
        await using (var insert = host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand("""
            INSERT INTO app_password (account_id, label, protocols, hash, stored_key, server_key, created_at)
            VALUES ($1, $2, 15, sha256($2::bytea), 'x', 'x', now()) RETURNING id
            """))
        {
            insert.Parameters.AddWithValue(admin.Value);
            insert.Parameters.AddWithValue($"{mark} phone");
            appPassword = (long)(await insert.ExecuteScalarAsync(Ct))!;
        }

        var imap = new LegacyEndpoint($"imap.{mark}-old.test", 993, LegacyTls.Implicit);
        var legacy = Must(await host.As<LegacyPlatformService>(asTenant).CreateAsync(
            new LegacyPlatformFields($"{mark} old", new LegacyEndpoints { Imap = imap, Delivery = imap }), null, null, Ct)).Id.Value;
        var session = await host.As<UserSessions>(CallerScope.Platform).OpenAsync(boss.Id, "password", null, null, Ct);
        return new Estate(
            mark, reseller.Value, boss.Id, plan.Value, tenant.Value, domain.Value, admin.Value, user.Value, alias, group, brand, queued,
            client.Client.ClientId, appPassword, session, legacy);
    }

    private async Task<long> EnqueueAsync(string mark, TenantId tenant, AccountId account)
    {
        await using var message = MessageBytes.From(Encoding.ASCII.GetBytes($"Subject: {mark}\r\n\r\nhello\r\n"));
        var queue = host.As<OutboundQueue>(CallerScope.Platform);
        return await queue.EnqueueAsync(
            new EnqueueRequest
            {
                Tenant = tenant,
                Account = account,
                ReversePath = Address($"user@{mark}.example"),
                Message = message,
                Subject = mark,
                Recipients = [new EnqueueRecipient(Address($"friend@{mark}-friends.test"))],
            },
            Ct);
    }

    private static MailAddress Address(string text) => MailAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static T Must<T>(Outcome<T> outcome) =>
        outcome.Ok ? outcome.Value : throw new InvalidOperationException(outcome.Refusal.Text);
}
