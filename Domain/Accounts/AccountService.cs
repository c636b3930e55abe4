using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts.PasswordHashes;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Plans;
using SaaS.Domain.Settings;
using SaaS.Domain.Tenants;

namespace SaaS.Domain.Accounts;

/// <param name="Address">local-part@domain, in a proven domain.</param>
/// <param name="Password">Null with a hash, or for a shared mailbox.</param>
/// <param name="PasswordHash">A hash made elsewhere (import, seed) instead of a password, or beside it; the rules for passwords are then the giver's.</param>
/// <param name="Home">The legacy platform that it is at home on; its own password is then the platform's to know.</param>
/// <param name="ImportedHash">As another system wrote it (<see cref="PasswordHashes.ImportedHash"/>), instead of a password.</param>
/// <param name="QuotaBytes">Null: the plan's.</param>
public sealed record NewAccount(
    string Address, string DisplayName, string? Password = null, AccountKind Kind = AccountKind.User, long? QuotaBytes = null,
    IReadOnlyList<Role>? Roles = null, string? PasswordHash = null, string? ImportedHash = null,
    LegacyPlatformId? Home = null);

/// <summary>Null leaves a field as it is.</summary>
public sealed record AccountChange(
    string? DisplayName = null, long? QuotaBytes = null, IReadOnlyList<Role>? Roles = null, IReadOnlyList<string>? ForwardTo = null,
    bool? KeepForwarded = null);

public sealed record AccountSummary(Account Account, AccountState State, IReadOnlyList<Role> Roles);

/// <summary>Mailboxes with an address: made whole (address, sign-in, folders, quota, roles) or not at all.</summary>
public sealed class AccountService(
    MailDbContext db, AuditLog audit, AddressBook addresses, PlanLimits limits, Authority authority, PlatformQuery platform, SettingsService settings,
    ScramSecrets scrams, SecondFactors factors, TimeProvider time)
{
    public const int MaxForwards = 20;

    private static readonly (string Name, SpecialUse Use)[] FirstMailboxes =
    [
        ("INBOX", SpecialUse.Inbox), ("Drafts", SpecialUse.Drafts), ("Sent", SpecialUse.Sent), ("Archive", SpecialUse.Archive),
        ("Junk", SpecialUse.Junk), ("Trash", SpecialUse.Trash),
    ];

    public async Task<Outcome<Account>> CreateAsync(NewAccount wanted, CancellationToken ct)
    {
        if (Names.Check(wanted.DisplayName, "displayName") is { } badName)
        {
            return badName;
        }

        if (wanted.QuotaBytes is <= 0)
        {
            return Refusal.Invalid("quotaBytes", "Storage must be more than nothing.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var place = await addresses.PlaceAsync(wanted.Address, ct);
        if (!place.Ok)
        {
            return place.Refusal;
        }

        var (domain, tenant, local, address) = place.Value;
        if (wanted.PasswordHash is null && wanted.ImportedHash is null && wanted.Kind == AccountKind.User && !(wanted is { Home: not null, Password: null })
            && PasswordRules.Check(wanted.Password, address, await MinLengthAsync(tenant.ResellerId, tenant.Id, domain.Id, ct)) is { } weak)
        {
            return weak;
        }

        if (wanted.Home is { } home && await CheckHomeAsync(home, tenant, wanted.Roles, ct) is { } elsewhere)
        {
            return elsewhere;
        }

        // Only what comes from outside is told by its braces; a seed's hashes are ours.
        var hash = wanted.PasswordHash;
        if (wanted.ImportedHash is not null)
        {
            var imported = ImportedHash.Read(wanted.ImportedHash, await WeakHashesAsync(tenant.ResellerId, tenant.Id, domain.Id, ct));
            if (!imported.Ok)
            {
                return imported.Refusal;
            }

            hash = imported.Value;
        }

        var plan = await limits.CheckAccountAsync(tenant, ct);
        if (!plan.Ok)
        {
            return plan.Refusal;
        }

        var now = time.GetUtcNow();
        var account = new Account
        {
            TenantId = tenant.Id,
            DomainId = domain.Id,
            LocalPart = local,
            Address = address,
            DisplayName = wanted.DisplayName.Trim(),
            Kind = wanted.Kind,
            LegacyPlatformId = wanted.Home,
            AtLegacy = wanted.Home is not null,
            CreatedAt = now,
        };
        db.Add(account);
        if (await db.TrySaveAsync(Saving.Taken("address", "address"), ct) is { } taken)
        {
            return taken;
        }

        addresses.Take(place.Value, AddressKind.Account, account.Id.Value);
        AddStore(account, wanted.QuotaBytes ?? plan.Value.AccountQuotaBytes, now);
        audit.Add("account.create", address, tenant.ResellerId, tenant.Id, new { wanted.Kind, wanted.QuotaBytes, wanted.Roles });
        if (wanted.Kind == AccountKind.User)
        {
            var user = NewUser(account, now);
            user.PasswordHash = hash ?? (wanted.Password is { } typed ? PasswordRules.Hash(user, typed) : null);
            db.Add(user);
            if (await db.TrySaveAsync(Saving.Taken("address", "address"), ct) is { } alsoTaken)
            {
                return alsoTaken;
            }

            if (wanted.Password is { } plain && wanted.ImportedHash is null)
            {
                await scrams.SetAsync(db, user, plain, ct);
            }

            if (await SetRolesAsync(user.Id, tenant.Id, tenant.ResellerId, wanted.Roles ?? [], ct) is { } tooMuch)
            {
                return tooMuch;
            }
        }
        else if (wanted.Roles is { Count: > 0 })
        {
            return Refusal.Invalid("roles", "A shared mailbox has no sign-in, so no roles.");
        }

        if (await db.TrySaveAsync(Saving.Taken("address", "address"), ct) is { } refusal)
        {
            return refusal;
        }

        await transaction.CommitAsync(ct);
        return account;
    }

    public async Task<Page<AccountSummary>> ListAsync(TenantId? tenant, DomainId? domain, ListQuery list, CancellationToken ct)
    {
        var query = db.Accounts.AsNoTracking().Where(x => x.Id > new AccountId(list.After ?? 0));
        if (tenant is { } ofTenant)
        {
            query = query.Where(x => x.TenantId == ofTenant);
        }

        if (domain is { } ofDomain)
        {
            query = query.Where(x => x.DomainId == ofDomain);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Address, pattern) || EF.Functions.ILike(x.DisplayName, pattern));
        }

        return list.ToPage(await SummarizeAsync(query.OrderBy(x => x.Id).Take(list.Limit + 1), ct), x => x.Account.Id.Value);
    }

    public async Task<Outcome<AccountSummary>> GetAsync(AccountId id, CancellationToken ct) =>
        (await SummarizeAsync(db.Accounts.AsNoTracking().Where(x => x.Id == id), ct)).FirstOrDefault() is { } found
            ? found
            : Refusal.NotFound("account");

    public async Task<Outcome<Account>> UpdateAsync(AccountId id, AccountChange change, uint? version, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        if (change.DisplayName is not null && Names.Check(change.DisplayName, "displayName") is { } badName)
        {
            return badName;
        }

        if (change.ForwardTo is not null)
        {
            var forwards = AddressBook.Normalize(change.ForwardTo, MaxForwards, "forwardTo");
            if (!forwards.Ok)
            {
                return forwards.Refusal;
            }

            if (forwards.Value.Contains(account.Address, StringComparer.Ordinal))
            {
                return Refusal.Invalid("forwardTo", "An account cannot forward to itself.");
            }

            if (await CheckForwardsAsync(account, forwards.Value, ct) is { } outside)
            {
                return outside;
            }

            account.ForwardTo = forwards.Value;
        }

        if (change.QuotaBytes is { } quota)
        {
            if (quota <= 0)
            {
                return Refusal.Invalid("quotaBytes", "Storage must be more than nothing.");
            }

            // One statement on the hot row; never read and written back.
            await db.AccountStates.Where(x => x.AccountId == id).ExecuteUpdateAsync(s => s.SetProperty(x => x.QuotaBytes, quota), ct);
        }

        var tenant = await db.Tenants.AsNoTracking().FirstAsync(x => x.Id == account.TenantId, ct);
        if (change.Roles is not null)
        {
            if (user is null)
            {
                return Refusal.Invalid("roles", "A shared mailbox has no sign-in, so no roles.");
            }

            if (await SetRolesAsync(user.Id, account.TenantId, tenant.ResellerId, change.Roles, ct) is { } tooMuch)
            {
                return tooMuch;
            }
        }

        account.DisplayName = change.DisplayName?.Trim() ?? account.DisplayName;
        account.KeepForwarded = change.KeepForwarded ?? account.KeepForwarded;
        if (user is not null)
        {
            user.DisplayName = account.DisplayName;
        }

        // The row takes a new version even where only its quota or roles changed: the ETag stands for all that is shown.
        db.Entry(account).State = EntityState.Modified;
        audit.Add("account.update", account.Address, tenant.ResellerId, tenant.Id, change);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return account;
    }

    /// <summary>A new password; ends all sessions of the user.</summary>
    public async Task<Refusal?> SetPasswordAsync(AccountId id, string password, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        if (user is null)
        {
            return Refusal.Invalid("password", "A shared mailbox has no sign-in.");
        }

        var reseller = await ResellerOfAsync(account.TenantId, ct);
        if (PasswordRules.Check(password, account.Address, await MinLengthAsync(reseller, account.TenantId, account.DomainId, ct)) is { } weak)
        {
            return weak;
        }

        user.PasswordHash = PasswordRules.Hash(user, password);
        user.SecurityStamp = PasswordRules.NewStamp();
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        await scrams.SetAsync(db, user, password, ct);
        audit.Add("account.password", account.Address, reseller, account.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    /// <summary>A password hash from another system, which gives way to one of ours when the password is first used. Ends all sessions of the user.
    /// Refusals: NotFound, Forbidden, Invalid.</summary>
    public async Task<Refusal?> ImportHashAsync(AccountId id, string hash, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        if (user is null)
        {
            return Refusal.Invalid("passwordHash", "A shared mailbox has no sign-in.");
        }

        var reseller = await ResellerOfAsync(account.TenantId, ct);
        var imported = ImportedHash.Read(hash, await WeakHashesAsync(reseller, account.TenantId, account.DomainId, ct));
        if (!imported.Ok)
        {
            return imported.Refusal;
        }

        user.PasswordHash = imported.Value;
        user.SecurityStamp = PasswordRules.NewStamp();
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        audit.Add("account.password-hash", account.Address, reseller, account.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }

    /// <summary>No second factor any more, and all sessions end: for somebody who lost it. Refusals: NotFound, Forbidden, Invalid (no sign-in).</summary>
    public async Task<Refusal?> ResetSecondFactorAsync(AccountId id, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        if (user is null)
        {
            return Refusal.Invalid("account", "A shared mailbox has no sign-in.");
        }

        user.SecurityStamp = PasswordRules.NewStamp();
        audit.Add("account.second-factor-off", account.Address, await ResellerOfAsync(account.TenantId, ct), account.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct) ?? await factors.RemoveAsync(user.Id, passkeysToo: true, ct);
    }

    /// <summary>Suspended: no sign-in, mail for it is refused for now, nothing is lost.</summary>
    public async Task<Outcome<Account>> SetSuspendedAsync(AccountId id, bool suspended, CancellationToken ct)
    {
        var found = await FindForChangeAsync(id, null, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        account.Suspended = suspended;
        if (user is not null)
        {
            user.SecurityStamp = PasswordRules.NewStamp();
        }

        audit.Add(
            suspended ? "account.suspend" : "account.resume", account.Address, await ResellerOfAsync(account.TenantId, ct), account.TenantId);
        return await db.TrySaveAsync(Saving.Changed, ct) is { } no ? no : account;
    }

    /// <summary>The address and the sign-in are gone at once; the mail stays until the retention job takes it.</summary>
    public async Task<Refusal?> DeleteAsync(AccountId id, uint? version, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await FindForChangeAsync(id, version, ct);
        if (!found.Ok)
        {
            return found.Refusal;
        }

        var (account, user) = found.Value;
        if (user is not null && user.Id == db.Caller.UserId)
        {
            return new Refusal(RefusalReason.Forbidden, "You cannot delete the account that you are signed in with.");
        }

        await addresses.FreeAsync(account.DomainId, account.LocalPart, ct);
        if (user is not null)
        {
            db.Remove(user);
        }

        account.DeletedAt = time.GetUtcNow();
        audit.Add("account.delete", account.Address, await ResellerOfAsync(account.TenantId, ct), account.TenantId);
        if (await db.TrySaveAsync(Saving.Changed, ct) is { } no)
        {
            return no;
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private async Task<Outcome<(Account Account, AppUser? User)>> FindForChangeAsync(AccountId id, uint? version, CancellationToken ct)
    {
        if (await db.Accounts.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } account)
        {
            return Refusal.NotFound("account");
        }

        if (db.Caller.Scope is CallerScope.OfAccount)
        {
            return new Refusal(RefusalReason.Forbidden, "Only admins change accounts.");
        }

        if (Saving.CheckVersion(version, account.Version) is { } old)
        {
            return old;
        }

        var user = await db.Users.FirstOrDefaultAsync(x => x.AccountId == id, ct);
        return user is not null && await authority.CheckUserAsync(user.Id, ct) is { } stronger ? stronger : (account, user);
    }

    /// <summary>The user's roles become these; each given or taken must be the caller's to give.</summary>
    private async Task<Refusal?> SetRolesAsync(long user, TenantId tenant, ResellerId reseller, IReadOnlyList<Role> roles, CancellationToken ct)
    {
        if (roles.Count == 0 && !await platform.AskAsync(p => p.RoleGrants.AnyAsync(x => x.UserId == user, ct)))
        {
            return null;
        }

        var wanted = roles.Distinct().Select(r => r switch
        {
            Role.Operator => new RoleOver(r),
            Role.ResellerAdmin => new RoleOver(r, Reseller: reseller),
            Role.TenantAdmin => new RoleOver(r, Tenant: tenant),
            _ => throw new ArgumentOutOfRangeException(nameof(roles)),
        }).ToList();
        var held = await db.RoleGrants.Where(x => x.UserId == user).ToListAsync(ct);
        foreach (var gone in held.Where(h => !wanted.Contains(new RoleOver(h.Role, h.ResellerId, h.TenantId))))
        {
            if (gone.UserId == db.Caller.UserId)
            {
                return new Refusal(RefusalReason.Forbidden, "You cannot take a role from yourself.", "roles");
            }

            if (await authority.CheckGrantAsync(new RoleOver(gone.Role, gone.ResellerId, gone.TenantId), ct) is { } no)
            {
                return no;
            }

            db.Remove(gone);
        }

        foreach (var role in wanted.Where(w => !held.Any(h => new RoleOver(h.Role, h.ResellerId, h.TenantId) == w)))
        {
            if (await authority.CheckGrantAsync(role, ct) is { } no)
            {
                return no;
            }

            db.Add(new RoleGrant
            {
                UserId = user,
                Role = role.Role,
                ResellerId = role.Reseller,
                TenantId = role.Tenant,
                CreatedAt = time.GetUtcNow(),
            });
        }

        return null;
    }

    private void AddStore(Account account, long quota, DateTimeOffset now)
    {
        // Ids in an account are drawn from its modseq: the first mailboxes take the first values.
        db.Add(new AccountState { AccountId = account.Id, TenantId = account.TenantId, QuotaBytes = quota, ModSeq = FirstMailboxes.Length, Elsewhere = account.AtLegacy });
        for (var i = 0; i < FirstMailboxes.Length; i++)
        {
            db.Add(new Mailbox
            {
                AccountId = account.Id,
                Id = new MailboxId(i + 1),
                Name = FirstMailboxes[i].Name,
                SpecialUse = FirstMailboxes[i].Use,
                Subscribed = true,
                SortOrder = i,
                UidValidity = now.ToUnixTimeSeconds(),
                UidNext = 1,
                HighestModSeq = i + 1,
                CreatedModSeq = i + 1,
                ChangedModSeq = i + 1,
            });
        }
    }

    private static AppUser NewUser(Account account, DateTimeOffset now) => new()
    {
        UserName = account.Address,
        NormalizedUserName = account.Address.ToUpperInvariant(),
        Email = account.Address,
        NormalizedEmail = account.Address.ToUpperInvariant(),
        EmailConfirmed = true,
        DisplayName = account.DisplayName,
        AccountId = account.Id,
        TenantId = account.TenantId,
        SecurityStamp = PasswordRules.NewStamp(),
        CreatedAt = now,
    };

    private async Task<int> MinLengthAsync(ResellerId reseller, TenantId tenant, DomainId domain, CancellationToken ct) =>
        (await settings.ValueAsync(SettingCatalogue.PasswordMinLength, reseller, tenant, domain, null, ct)).GetInt32();

    // The same as for a flip: the platform is the tenant's to use, and strong users' passwords go to none of a customer's.
    private async Task<Refusal?> CheckHomeAsync(LegacyPlatformId home, Tenant tenant, IReadOnlyList<Role>? roles, CancellationToken ct) =>
        await db.LegacyPlatforms.AsNoTracking().FirstOrDefaultAsync(
            x => x.Id == home && (x.TenantId == tenant.Id || (x.TenantId == null && (x.ResellerId == null || x.ResellerId == tenant.ResellerId))), ct) is not { } found
            ? Refusal.NotFound("legacy platform")
        : !found.OperatorDefined && roles?.Any(r => r != Role.TenantAdmin) == true
            ? new Refusal(RefusalReason.Forbidden, "Such roles need a platform that an operator set up.", "roles")
        : null;

    private async Task<bool> WeakHashesAsync(ResellerId reseller, TenantId tenant, DomainId domain, CancellationToken ct) =>
        (await settings.ValueAsync(SettingCatalogue.WeakPasswordHashes, reseller, tenant, domain, null, ct)).GetBoolean();

    private async Task<Refusal?> CheckForwardsAsync(Account account, List<string> forwards, CancellationToken ct)
    {
        var reseller = await ResellerOfAsync(account.TenantId, ct);
        var allowed = await settings.ValueAsync(
            SettingCatalogue.ExternalForwarding, reseller, account.TenantId, account.DomainId, account.Id, ct);
        if (allowed.GetBoolean())
        {
            return null;
        }

        var own = await db.Domains.Where(x => x.TenantId == account.TenantId && x.State == DomainState.Verified).Select(x => x.Name).ToListAsync(ct);
        return forwards.TrueForAll(f => own.Contains(MailAddress.Parse(f).Domain, StringComparer.Ordinal))
            ? null
            : new Refusal(RefusalReason.Forbidden, "Forwarding to addresses outside is switched off.", "forwardTo");
    }

    private Task<ResellerId> ResellerOfAsync(TenantId tenant, CancellationToken ct) =>
        db.Tenants.Where(x => x.Id == tenant).Select(x => x.ResellerId).FirstAsync(ct);

    private async Task<List<AccountSummary>> SummarizeAsync(IQueryable<Account> query, CancellationToken ct)
    {
        var rows = await query.Select(x => new
        {
            Account = x,
            State = db.AccountStates.First(s => s.AccountId == x.Id),
            Roles = (from u in db.Users join g in db.RoleGrants on u.Id equals g.UserId where u.AccountId == x.Id select g.Role).ToList(),
        }).ToListAsync(ct);
        return [.. rows.Select(r => new AccountSummary(r.Account, r.State, r.Roles))];
    }
}
