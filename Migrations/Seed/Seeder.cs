using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.Messages;
using SaaS.Domain.Plans;
using SaaS.Domain.Resellers;
using SaaS.Domain.Settings;
using SaaS.Domain.Tenants;

namespace SaaS.Migrations.Seed;

/// <summary>
/// What a newcomer finds: an operator, a reseller with a brand, two tenants with a proven domain each, and people with mail. A mark says
/// that it was done, so that a second run changes nothing; until the mark stands each thing is looked for first.
/// </summary>
internal sealed class Seeder(IServiceProvider services)
{
    private const string Mark = "demo.seeded";
    private const long LockKey = 0x506F737453656564; // "PostSeed"
    private const long Quota = 10L << 30;
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly MailDbContext _db = services.GetRequiredService<MailDbContext>();
    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();

    public static async Task RunAsync(IConfiguration configuration, NpgsqlDataSource source, CancellationToken ct)
    {
        await using var guard = await source.OpenConnectionAsync(ct);
        await LockAsync(guard, "pg_advisory_lock", ct);
        try
        {
            await SeedAsync(configuration, source, ct);
        }
        finally
        {
            // A pooled connection keeps its locks while it lies idle.
            await LockAsync(guard, "pg_advisory_unlock", CancellationToken.None);
        }

        if (configuration["Seed:Output"] is { Length: > 0 } output)
        {
            await File.WriteAllTextAsync(output, Describe(), ct);
        }
    }

    private static async Task LockAsync(NpgsqlConnection guard, string function, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {function}({LockKey})", guard) { CommandTimeout = 3600 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task SeedAsync(IConfiguration configuration, NpgsqlDataSource source, CancellationToken ct)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(configuration);
        services.AddDomain(configuration, fenced: false);
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Name = "seed";
        var seeder = new Seeder(scope.ServiceProvider);
        await seeder.DemonstrationAsync(ct);
        await seeder.ManyAccountsAsync(configuration.GetValue("Seed:Accounts", 0), source, ct);
    }

    private async Task DemonstrationAsync(CancellationToken ct)
    {
        if (await _db.Settings.AnyAsync(s => s.Level == SettingLevel.Platform && s.Key == Mark, ct))
        {
            return;
        }

        var hash = PasswordRules.Hash(new AppUser { DisplayName = "" }, DemoAccounts.Password);
        var reseller = await ResellerAsync(ct);
        var plan = await PlanAsync(reseller, ct);
        var first = await TenantAsync(DemoAccounts.FirstTenant, reseller, plan, ct);
        var second = await TenantAsync(DemoAccounts.SecondTenant, reseller, plan, ct);
        await DomainAsync(DemoAccounts.FirstDomain, first, ct);
        await DomainAsync(DemoAccounts.SecondDomain, second, ct);
        foreach (var demo in DemoAccounts.All)
        {
            await UserAsync(demo, reseller, hash, ct);
        }

        var aliases = services.GetRequiredService<AliasService>();
        await UnlessTakenAsync("info", () => aliases.CreateAsync("info@example.test", ["alice@example.test"], ct), ct);
        var groups = services.GetRequiredService<GroupService>();
        await UnlessTakenAsync("team", () => groups.CreateAsync(
            new NewGroup("team@example.test", "The team", Members: ["alice@example.test", "bob@example.test", "carol@example.test"]), ct), ct);
        await MailAsync(ct);
        _db.Add(new Setting { Level = SettingLevel.Platform, OwnerId = 0, Key = Mark, Value = "true", ChangedAt = _clock.GetUtcNow() });
        await _db.SaveChangesAsync(ct);
    }

    private async Task<ResellerId> ResellerAsync(CancellationToken ct)
    {
        if (await _db.Resellers.FirstOrDefaultAsync(r => r.Name == DemoAccounts.Reseller, ct) is { } found)
        {
            return found.Id;
        }

        var reseller = Done(await services.GetRequiredService<ResellerService>().CreateAsync(new NewReseller(DemoAccounts.Reseller), ct));
        var brand = new Brand { ResellerId = reseller.Id, Name = "Hafen Mail", PrimaryColor = "#0b5f6b", AccentColor = "#d9622b" };
        _db.Add(brand);
        await _db.SaveChangesAsync(ct);
        _db.Add(new BrandHost { Host = DemoAccounts.BrandHost, BrandId = brand.Id });
        await _db.SaveChangesAsync(ct);
        return reseller.Id;
    }

    private async Task<PlanId> PlanAsync(ResellerId reseller, CancellationToken ct) =>
        await _db.Plans.FirstOrDefaultAsync(p => p.ResellerId == reseller && p.Name == "Business", ct) is { } found
            ? found.Id
            : Done(await services.GetRequiredService<PlanService>().CreateAsync(
                new NewPlan("Business", Quota, SendPerDay: 1_000_000, Reseller: reseller), ct)).Id;

    private async Task<TenantId> TenantAsync(string name, ResellerId reseller, PlanId plan, CancellationToken ct) =>
        await _db.Tenants.FirstOrDefaultAsync(t => t.ResellerId == reseller && t.Name == name, ct) is { } found
            ? found.Id
            : Done(await services.GetRequiredService<TenantService>().CreateAsync(new NewTenant(name, plan, reseller), ct)).Id;

    private async Task DomainAsync(string name, TenantId tenant, CancellationToken ct)
    {
        var domains = services.GetRequiredService<DomainService>();
        var domain = await _db.Domains.FirstOrDefaultAsync(d => d.TenantId == tenant && d.Name == name, ct)
            ?? Done(await domains.CreateAsync(tenant, name, ct));
        Done(await domains.VouchAsync(domain.Id, ct));
        // No DNS knows the demo's names, so nothing would ever see their keys published; its outgoing mail is signed all the same.
        await _db.DkimKeys.Where(k => k.DomainId == domain.Id && k.State == DkimKeyState.Published)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.State, DkimKeyState.Active), ct);
    }

    private async Task UserAsync(DemoAccount demo, ResellerId reseller, string hash, CancellationToken ct)
    {
        var key = demo.Address.ToUpperInvariant();
        if (await _db.Users.AnyAsync(u => u.NormalizedUserName == key, ct))
        {
            return;
        }

        if (demo.HasMailbox)
        {
            Done(await services.GetRequiredService<AccountService>().CreateAsync(
                new NewAccount(demo.Address, demo.Name, DemoAccounts.Password, PasswordHash: hash, Roles: demo.Role == "tenant_admin" ? [Role.TenantAdmin] : []), ct));
            return;
        }

        var role = demo.Role == "operator" ? new RoleOver(Role.Operator) : new RoleOver(Role.ResellerAdmin, reseller);
        Done(await services.GetRequiredService<UserService>().CreateAsync(new NewUser(demo.Address, demo.Name, null, role, hash), ct));
    }

    private async Task UnlessTakenAsync<T>(string local, Func<Task<Outcome<T>>> create, CancellationToken ct)
    {
        if (!await _db.Addresses.AnyAsync(a => a.LocalPart == local && _db.Domains.Any(d => d.Id == a.DomainId && d.Name == DemoAccounts.FirstDomain), ct))
        {
            Done(await create());
        }
    }

    private async Task MailAsync(CancellationToken ct)
    {
        var alice = await _db.Accounts.SingleAsync(a => a.Address == "alice@example.test", ct);
        var store = services.GetRequiredService<IMailStore>();
        var number = 0;
        foreach (var message in DemoMail.Compose(_clock.GetUtcNow()))
        {
            using var bytes = new MessageBytes();
            using (var buffer = new MemoryStream())
            {
                var format = MimeKit.FormatOptions.Default.Clone();
                format.NewLineFormat = MimeKit.NewLineFormat.Dos;
                await message.Mime.WriteToAsync(format, buffer, ct);
                bytes.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            }

            Done(await store.StoreAsync(
                new StoreRequest
                {
                    Account = alice.Id,
                    Tenant = alice.TenantId,
                    SpecialUse = message.Mailbox,
                    Message = bytes,
                    Flags = message.Flags,
                    InternalDate = message.Mime.Date.ToUniversalTime(),
                    // Negative keys are nobody's: those of the queue count up from 1.
                    DeliveryKey = -++number,
                },
                ct));
        }
    }

    private async Task ManyAccountsAsync(int count, NpgsqlDataSource source, CancellationToken ct)
    {
        if (count > 0)
        {
            var example = await _db.Domains.SingleAsync(d => d.Name == DemoAccounts.FirstDomain && d.State == DomainState.Verified, ct);
            var hash = PasswordRules.Hash(new AppUser { DisplayName = "" }, DemoAccounts.Password);
            await AccountRows.AddAsync(source, example.TenantId, example.Id, example.Name, count, Quota, hash, ct);

            // They share salt and keys as they share the hash: one password for all, and one computation.
            var salt = services.GetRequiredService<ScramSecrets>().SaltOf(example.Name);
            var (storedKey, serverKey) = ScramSecrets.Derive(DemoAccounts.Password, salt, ScramSecrets.Iterations);
            await using var command = source.CreateCommand("""
                INSERT INTO scram_key (account_id, salt, iterations, stored_key, server_key, password_digest)
                SELECT account_id, $1, $2, $3, $4, sha256(convert_to(password_hash, 'UTF8')) FROM app_user
                WHERE tenant_id = $5 AND password_hash = $6 AND account_id IS NOT NULL ON CONFLICT DO NOTHING
                """);
            command.Parameters.AddWithValue(salt);
            command.Parameters.AddWithValue(ScramSecrets.Iterations);
            command.Parameters.AddWithValue(storedKey);
            command.Parameters.AddWithValue(serverKey);
            command.Parameters.AddWithValue(example.TenantId.Value);
            command.Parameters.AddWithValue(hash);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static T Done<T>(Outcome<T> outcome) =>
        outcome.Ok ? outcome.Value : throw new InvalidOperationException($"The demonstration cannot be made: {outcome.Refusal.Text}");

    // One account a line: ./run's table is cut from it without a JSON tool.
    private static string Describe() =>
        "[\n" + string.Join(",\n", DemoAccounts.All.Select(a =>
            $"    {{ \"address\": {Text(a.Address)}, \"password\": {Text(DemoAccounts.Password)}, \"role\": {Text(a.Role)}, \"name\": {Text(a.Name)}, "
            + $"\"tenant\": {Text(a.Tenant)}, \"mailbox\": {(a.HasMailbox ? "true" : "false")} }}")) + "\n  ]";

    private static string Text(string? value) => JsonSerializer.Serialize(value, Json);
}
