using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.Plans;
using SaaS.Domain.Resellers;
using SaaS.Domain.Tenants;
using SaaS.TestKit;
using Xunit;

namespace SaaS.Domain.Tests.ControlPlane;

public sealed class ControlPlaneTests : IAsyncLifetime
{
    private ServiceProvider _services = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = await TestPostgres.CreateDatabaseAsync(),
        }).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddDomain(configuration, fenced: true);
        _services = services.BuildServiceProvider();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_reseller_makes_a_tenant_whose_admin_makes_everything_below_it_behind_the_fence()
    {
        var reseller = await As(CallerScope.Platform).Get<ResellerService>().CreateAsync(new NewReseller("North", 2, 3), Ct);
        Assert.True(reseller.Ok);
        var asReseller = new CallerScope.OfReseller(reseller.Value.Id);
        var plan = await As(asReseller).Get<PlanService>().CreateAsync(new NewPlan("Basic", 1 << 30, MaxAccounts: 2), Ct);
        Assert.True(plan.Ok, plan.Refusal?.Text);
        var tenant = await As(asReseller).Get<TenantService>().CreateAsync(new NewTenant("Acme", plan.Value.Id), Ct);
        Assert.True(tenant.Ok, tenant.Refusal?.Text);

        var asTenant = new CallerScope.OfTenant(tenant.Value.Id);
        var domain = await As(asTenant).Get<DomainService>().CreateAsync(tenant.Value.Id, "Acme.Example", Ct);
        Assert.True(domain.Ok, domain.Refusal?.Text);
        Assert.Equal(DomainState.Pending, domain.Value.State);

        var early = await As(asTenant).Get<AccountService>().CreateAsync(new NewAccount("a@acme.example", "A", "correct horse"), Ct);
        Assert.Equal(RefusalReason.NotVerified, early.Refusal?.Reason);
        Assert.Equal(RefusalReason.Forbidden, (await As(asTenant).Get<DomainService>().VouchAsync(domain.Value.Id, Ct)).Refusal?.Reason);
        Assert.True((await As(CallerScope.Platform).Get<DomainService>().VouchAsync(domain.Value.Id, Ct)).Ok);

        var account = await As(asTenant).Get<AccountService>().CreateAsync(
            new NewAccount("Ann@acme.example", "Ann", "correct horse", Roles: [Role.TenantAdmin]), Ct);
        Assert.True(account.Ok, account.Refusal?.Text);
        Assert.Equal("ann@acme.example", account.Value.Address);

        var tooMuch = await As(asTenant).Get<AccountService>().CreateAsync(
            new NewAccount("eve@acme.example", "Eve", "correct horse", Roles: [Role.ResellerAdmin]), Ct);
        Assert.Equal(RefusalReason.Forbidden, tooMuch.Refusal?.Reason);
        var taken = await As(asTenant).Get<AliasService>().CreateAsync("ANN@acme.example", ["x@elsewhere.example"], Ct);
        Assert.Equal(RefusalReason.AlreadyExists, taken.Refusal?.Reason);
        Assert.True((await As(asTenant).Get<AliasService>().CreateAsync("sales@acme.example", ["ann@acme.example"], Ct)).Ok);
        Assert.True((await As(asTenant).Get<GroupService>().CreateAsync(
            new NewGroup("all@acme.example", "All", Members: ["ann@acme.example", "Ann@ACME.example"]), Ct)).Ok);

        Assert.True((await As(asTenant).Get<AccountService>().CreateAsync(new NewAccount("bob@acme.example", "Bob", "correct horse"), Ct)).Ok);
        var full = await As(asTenant).Get<AccountService>().CreateAsync(new NewAccount("cid@acme.example", "Cid", "correct horse"), Ct);
        Assert.Equal(RefusalReason.LimitReached, full.Refusal?.Reason);

        var mailboxes = await As(CallerScope.Platform).Get<MailDbContext>().Mailboxes.CountAsync(x => x.AccountId == account.Value.Id, Ct);
        Assert.Equal(6, mailboxes);

        // Deleted: the address is free for another.
        Assert.Null(await As(asTenant).Get<AccountService>().DeleteAsync(account.Value.Id, null, Ct));
        Assert.Equal(RefusalReason.NotFound, (await As(asTenant).Get<AccountService>().GetAsync(account.Value.Id, Ct)).Refusal?.Reason);
        Assert.True((await As(asTenant).Get<AccountService>().CreateAsync(new NewAccount("ann@acme.example", "Ann 2", "correct horse"), Ct)).Ok);
    }

    [Fact]
    public async Task What_belongs_to_another_tenant_is_not_found_and_its_names_cannot_be_claimed()
    {
        var (a, b) = (await TenantAsync("One"), await TenantAsync("Two"));
        var domain = await As(a).Get<DomainService>().CreateAsync(a.Tenant, "one.example", Ct);
        await As(CallerScope.Platform).Get<DomainService>().VouchAsync(domain.Value!.Id, Ct);
        var account = await As(a).Get<AccountService>().CreateAsync(new NewAccount("ann@one.example", "Ann", "correct horse"), Ct);

        Assert.Equal(RefusalReason.NotFound, (await As(b).Get<DomainService>().GetAsync(domain.Value.Id, Ct)).Refusal?.Reason);
        Assert.Equal(RefusalReason.NotFound, (await As(b).Get<AccountService>().GetAsync(account.Value!.Id, Ct)).Refusal?.Reason);
        Assert.Equal(RefusalReason.NotFound, (await As(b).Get<AccountService>().SetPasswordAsync(account.Value.Id, "correct horse", Ct))?.Reason);
        Assert.Equal(RefusalReason.NotFound, (await As(b).Get<AccountService>().CreateAsync(
            new NewAccount("eve@one.example", "Eve", "correct horse"), Ct)).Refusal?.Reason);
        Assert.Empty((await As(b).Get<AccountService>().ListAsync(null, null, new ListQuery(), Ct)).Items);
        foreach (var name in new[] { "one.example", "mail.one.example" })
        {
            Assert.Equal(RefusalReason.AlreadyExists, (await As(b).Get<DomainService>().CreateAsync(b.Tenant, name, Ct)).Refusal?.Reason);
        }

        foreach (var name in new[] { "gmail.com", "mail.gmail.com", "co.uk", "com" })
        {
            Assert.Equal(RefusalReason.Invalid, (await As(b).Get<DomainService>().CreateAsync(b.Tenant, name, Ct)).Refusal?.Reason);
        }
    }

    private async Task<CallerScope.OfTenant> TenantAsync(string name)
    {
        var platform = As(CallerScope.Platform);
        var reseller = await platform.Get<ResellerService>().CreateAsync(new NewReseller("Reseller of " + name), Ct);
        var plan = await platform.Get<PlanService>().CreateAsync(new NewPlan("Plan of " + name, 1 << 30), Ct);
        var tenant = await platform.Get<TenantService>().CreateAsync(new NewTenant(name, plan.Value!.Id, reseller.Value!.Id), Ct);
        return new CallerScope.OfTenant(tenant.Value!.Id);
    }

    private Unit As(CallerScope scope)
    {
        var unit = _services.CreateScope();
        unit.ServiceProvider.GetRequiredService<Caller>().Scope = scope;
        return new Unit(unit);
    }

    private sealed record Unit(IServiceScope Scope)
    {
        public T Get<T>() where T : notnull => Scope.ServiceProvider.GetRequiredService<T>();
    }
}
