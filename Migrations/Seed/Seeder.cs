using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Npgsql;
using SaaS.Domain;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Plans;
using SaaS.Domain.Resellers;
using SaaS.Domain.Tenants;

namespace SaaS.Migrations.Seed;

/// <summary>
/// What a newcomer finds: an operator, a reseller with a brand, two tenants with a proven domain each, and people with mail. Looks
/// for each thing first, so a second run changes nothing.
/// </summary>
internal sealed class Seeder(MailDbContext db, NpgsqlDataSource source, TimeProvider clock)
{
    private const long LockKey = 0x506F73745365_64; // "PostSed"
    private const long Quota = 10L << 30;
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PasswordHasher<AppUser> _hasher = new();

    public static async Task RunAsync(IConfiguration configuration, NpgsqlDataSource source, CancellationToken ct)
    {
        await using var guard = await source.OpenConnectionAsync(ct);
        await using (var take = new NpgsqlCommand($"SELECT pg_advisory_lock({LockKey})", guard) { CommandTimeout = 3600 })
        {
            await take.ExecuteNonQueryAsync(ct);
        }

        await using var db = Migrator.CreateContext(source);
        await new Seeder(db, source, TimeProvider.System).SeedAsync(configuration.GetValue("Seed:Accounts", 0), ct);
        if (configuration["Seed:Output"] is { Length: > 0 } output)
        {
            await File.WriteAllTextAsync(output, Describe(), ct);
        }
    }

    private async Task SeedAsync(int accounts, CancellationToken ct)
    {
        var reseller = await ResellerAsync(ct);
        var plan = await PlanAsync(reseller.Id, ct);
        var first = await TenantAsync(DemoAccounts.FirstTenant, reseller.Id, plan.Id, ct);
        var second = await TenantAsync(DemoAccounts.SecondTenant, reseller.Id, plan.Id, ct);
        var example = await DomainAsync(DemoAccounts.FirstDomain, first.Id, ct);
        var beispiel = await DomainAsync(DemoAccounts.SecondDomain, second.Id, ct);
        foreach (var demo in DemoAccounts.All)
        {
            var domain = demo.Tenant == DemoAccounts.SecondTenant ? beispiel : example;
            var user = await UserAsync(demo, demo.Tenant is null ? null : domain, ct);
            await GrantAsync(user, demo.Role, reseller.Id, user.TenantId, ct);
        }

        await AliasAsync(example, "info", ["alice@example.test"], ct);
        await GroupAsync(example, "team", "The team", ["alice@example.test", "bob@example.test", "carol@example.test"], ct);
        if (accounts > 0)
        {
            var hash = _hasher.HashPassword(Nobody(), DemoAccounts.Password);
            await AccountRows.AddAsync(source, first.Id, example.Id, example.Name, accounts, Quota, hash, ct);
        }
    }

    private async Task<Reseller> ResellerAsync(CancellationToken ct)
    {
        if (await db.Resellers.FirstOrDefaultAsync(r => r.Name == DemoAccounts.Reseller, ct) is { } found)
        {
            return found;
        }

        var reseller = new Reseller { Name = DemoAccounts.Reseller, CreatedAt = clock.GetUtcNow() };
        db.Add(reseller);
        await db.SaveChangesAsync(ct);
        var brand = new Brand { ResellerId = reseller.Id, Name = "Hafen Mail", PrimaryColor = "#0b5f6b", AccentColor = "#d9622b" };
        db.Add(brand);
        await db.SaveChangesAsync(ct);
        db.Add(new BrandHost { Host = DemoAccounts.BrandHost, BrandId = brand.Id });
        await db.SaveChangesAsync(ct);
        return reseller;
    }

    private async Task<Plan> PlanAsync(ResellerId reseller, CancellationToken ct)
    {
        if (await db.Plans.FirstOrDefaultAsync(p => p.ResellerId == reseller && p.Name == "Business", ct) is { } found)
        {
            return found;
        }

        var plan = new Plan
        {
            ResellerId = reseller,
            Name = "Business",
            AccountQuotaBytes = Quota,
            MaxMessageBytes = 50 << 20,
            SendPerDay = 100_000,
            CreatedAt = clock.GetUtcNow(),
        };
        db.Add(plan);
        await db.SaveChangesAsync(ct);
        return plan;
    }

    private async Task<Tenant> TenantAsync(string name, ResellerId reseller, PlanId plan, CancellationToken ct)
    {
        if (await db.Tenants.FirstOrDefaultAsync(t => t.ResellerId == reseller && t.Name == name, ct) is { } found)
        {
            return found;
        }

        var tenant = new Tenant { ResellerId = reseller, PlanId = plan, Name = name, CreatedAt = clock.GetUtcNow() };
        db.Add(tenant);
        await db.SaveChangesAsync(ct);
        return tenant;
    }

    private async Task<MailDomain> DomainAsync(string name, TenantId tenant, CancellationToken ct)
    {
        if (await db.Domains.FirstOrDefaultAsync(d => d.TenantId == tenant && d.Name == name, ct) is { } found)
        {
            return found;
        }

        var domain = new MailDomain
        {
            TenantId = tenant,
            Name = name,
            State = DomainState.Verified,
            VerificationToken = Guid.NewGuid().ToString("N"),
            VerifiedAt = clock.GetUtcNow(),
            CreatedAt = clock.GetUtcNow(),
        };
        db.Add(domain);
        await db.SaveChangesAsync(ct);
        return domain;
    }

    private async Task<AppUser> UserAsync(DemoAccount demo, MailDomain? domain, CancellationToken ct)
    {
        var key = demo.Address.ToUpperInvariant();
        if (await db.Users.FirstOrDefaultAsync(u => u.NormalizedUserName == key, ct) is { } found)
        {
            return found;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var user = Nobody();
        user.UserName = user.Email = demo.Address;
        user.NormalizedUserName = user.NormalizedEmail = key;
        user.DisplayName = demo.Name;
        user.CreatedAt = clock.GetUtcNow();
        user.PasswordHash = _hasher.HashPassword(user, DemoAccounts.Password);
        if (domain is not null && demo.HasMailbox)
        {
            var account = await AccountAsync(demo, domain, ct);
            (user.AccountId, user.TenantId) = (account.Id, account.TenantId);
        }

        db.Add(user);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return user;
    }

    private async Task<Account> AccountAsync(DemoAccount demo, MailDomain domain, CancellationToken ct)
    {
        var account = new Account
        {
            TenantId = domain.TenantId,
            DomainId = domain.Id,
            LocalPart = demo.Address[..demo.Address.IndexOf('@', StringComparison.Ordinal)],
            Address = demo.Address,
            DisplayName = demo.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.Add(account);
        await db.SaveChangesAsync(ct);
        db.Add(new AddressEntry
        {
            DomainId = domain.Id,
            LocalPart = account.LocalPart,
            TenantId = domain.TenantId,
            Kind = AddressKind.Account,
            TargetId = account.Id.Value,
        });
        db.Add(new AccountState { AccountId = account.Id, TenantId = domain.TenantId, ModSeq = 6, QuotaBytes = Quota });
        string[] names = ["INBOX", "Drafts", "Sent", "Trash", "Junk", "Archive"];
        for (var n = 1; n <= names.Length; n++)
        {
            db.Add(new Mailbox
            {
                AccountId = account.Id,
                Id = new MailboxId(n),
                Name = names[n - 1],
                SpecialUse = (SpecialUse)n,
                Subscribed = true,
                SortOrder = n,
                UidValidity = clock.GetUtcNow().ToUnixTimeSeconds(),
                UidNext = 1,
                HighestModSeq = n,
                CreatedModSeq = n,
                ChangedModSeq = n,
            });
        }

        await db.SaveChangesAsync(ct);
        return account;
    }

    private async Task GrantAsync(AppUser user, string role, ResellerId reseller, TenantId? tenant, CancellationToken ct)
    {
        RoleGrant? grant = role switch
        {
            "operator" => new RoleGrant { Role = Role.Operator },
            "reseller_admin" => new RoleGrant { Role = Role.ResellerAdmin, ResellerId = reseller },
            "tenant_admin" => new RoleGrant { Role = Role.TenantAdmin, TenantId = tenant },
            _ => null,
        };
        if (grant is null || await db.RoleGrants.AnyAsync(g => g.UserId == user.Id, ct))
        {
            return;
        }

        grant.UserId = user.Id;
        grant.CreatedAt = clock.GetUtcNow();
        db.Add(grant);
        await db.SaveChangesAsync(ct);
    }

    private async Task AliasAsync(MailDomain domain, string local, List<string> targets, CancellationToken ct)
    {
        if (await db.Addresses.AnyAsync(a => a.DomainId == domain.Id && a.LocalPart == local, ct))
        {
            return;
        }

        var alias = new Alias
        {
            TenantId = domain.TenantId,
            DomainId = domain.Id,
            LocalPart = local,
            Address = $"{local}@{domain.Name}",
            Targets = targets,
            CreatedAt = clock.GetUtcNow(),
        };
        db.Add(alias);
        await db.SaveChangesAsync(ct);
        db.Add(new AddressEntry { DomainId = domain.Id, LocalPart = local, TenantId = domain.TenantId, Kind = AddressKind.Alias, TargetId = alias.Id });
        await db.SaveChangesAsync(ct);
    }

    private async Task GroupAsync(MailDomain domain, string local, string name, List<string> members, CancellationToken ct)
    {
        if (await db.Addresses.AnyAsync(a => a.DomainId == domain.Id && a.LocalPart == local, ct))
        {
            return;
        }

        var group = new Group
        {
            TenantId = domain.TenantId,
            DomainId = domain.Id,
            LocalPart = local,
            Address = $"{local}@{domain.Name}",
            Name = name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.Add(group);
        await db.SaveChangesAsync(ct);
        db.Add(new AddressEntry { DomainId = domain.Id, LocalPart = local, TenantId = domain.TenantId, Kind = AddressKind.Group, TargetId = group.Id });
        db.AddRange(members.Select(m => new GroupMember { TenantId = domain.TenantId, GroupId = group.Id, Address = m }));
        await db.SaveChangesAsync(ct);
    }

    private static AppUser Nobody() => new()
    {
        DisplayName = "",
        EmailConfirmed = true,
        LockoutEnabled = true,
        SecurityStamp = Guid.NewGuid().ToString("N"),
    };

    // One account a line: ./run's table is cut from it without a JSON tool.
    private static string Describe() =>
        "[\n" + string.Join(",\n", DemoAccounts.All.Select(a =>
            $"    {{ \"address\": {Text(a.Address)}, \"password\": {Text(DemoAccounts.Password)}, \"role\": {Text(a.Role)}, \"name\": {Text(a.Name)}, "
            + $"\"tenant\": {Text(a.Tenant)}, \"mailbox\": {(a.HasMailbox ? "true" : "false")} }}")) + "\n  ]";

    private static string Text(string? value) => JsonSerializer.Serialize(value, Json);
}
