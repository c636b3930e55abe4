using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>A sign-in without a mailbox here: operators and resellers.</summary>
public sealed record NewUser(string Login, string DisplayName, string? Password, RoleOver Role, string? PasswordHash = null);

/// <summary>A user with one of the roles.</summary>
public sealed record AdminUser(long UserId, string Login, string DisplayName, DateTimeOffset GrantedAt);

/// <summary>A user as the user sees it.</summary>
public sealed record UserProfile(
    long Id, string Login, string DisplayName, IReadOnlyList<Role> Roles, AccountId? Account, TenantId? Tenant, string? TenantName,
    ResellerId? Reseller, string? ResellerName, long UsedBytes, long QuotaBytes, bool TwoFactor);

/// <summary>Sign-ins that no mailbox belongs to. Operators make them.</summary>
public sealed class UserService(MailDbContext db, AuditLog audit, Authority authority, PlatformQuery platform, ScramSecrets scrams, TimeProvider time)
{
    /// <param name="wanted">Its login is an address anywhere that is not an account's here.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<Outcome<AppUser>> CreateAsync(NewUser wanted, CancellationToken ct)
    {
        if (db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators make such users.");
        }

        if (!MailAddress.TryParse(wanted.Login?.Trim(), out var address))
        {
            return Refusal.Invalid("login", "The login is a mail address.");
        }

        var login = AddressBook.KeyOf(address);
        var refusal = Names.Check(wanted.DisplayName, "displayName")
            ?? (wanted.PasswordHash is null ? PasswordRules.Check(wanted.Password, login) : null)
            ?? await authority.CheckGrantAsync(wanted.Role, ct);
        if (refusal is not null)
        {
            return refusal;
        }

        if (wanted.Role.Reseller is { } reseller && !await db.Resellers.AnyAsync(x => x.Id == reseller, ct))
        {
            return Refusal.NotFound("reseller");
        }

        // A login in a domain of ours would take the address away from whoever is to get it as an account.
        if (await platform.AskAsync(p => p.Domains.AnyAsync(x => x.Name == address.Domain && x.State != Domains.DomainState.Pending, ct)))
        {
            return Refusal.Invalid("login", "Addresses of hosted domains sign in with their account; give that account the role.");
        }

        var now = time.GetUtcNow();
        var user = new AppUser
        {
            UserName = login,
            NormalizedUserName = login.ToUpperInvariant(),
            Email = login,
            NormalizedEmail = login.ToUpperInvariant(),
            DisplayName = wanted.DisplayName.Trim(),
            TenantId = wanted.Role.Tenant,
            SecurityStamp = PasswordRules.NewStamp(),
            CreatedAt = now,
        };
        user.PasswordHash = wanted.PasswordHash ?? PasswordRules.Hash(user, wanted.Password!);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        db.Add(user);
        if (await db.TrySaveAsync(Saving.Taken("login", "login"), ct) is { } taken)
        {
            return taken;
        }

        db.Add(new RoleGrant
        {
            UserId = user.Id,
            Role = wanted.Role.Role,
            ResellerId = wanted.Role.Reseller,
            TenantId = wanted.Role.Tenant,
            CreatedAt = now,
        });
        audit.Add("user.create", login, wanted.Role.Reseller, wanted.Role.Tenant, new { role = wanted.Role.Role.ToString() });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return user;
    }

    /// <summary>What a signed-in user is told about itself; asks as the platform, since users without a tenant stand outside every fence.</summary>
    public Task<UserProfile> DescribeAsync(long userId, CancellationToken ct) => platform.AskAsync(p => (
        from u in p.Users.AsNoTracking()
        where u.Id == userId
        let reseller = p.RoleGrants.Where(g => g.UserId == u.Id && g.Role == Role.ResellerAdmin).Select(g => g.ResellerId).FirstOrDefault()
        select new UserProfile(
            u.Id, u.UserName!, u.DisplayName,
            p.RoleGrants.Where(g => g.UserId == u.Id).Select(g => g.Role).ToList(),
            u.AccountId, u.TenantId, p.Tenants.Where(t => t.Id == u.TenantId).Select(t => t.Name).FirstOrDefault(),
            reseller, p.Resellers.Where(r => r.Id == reseller).Select(r => r.Name).FirstOrDefault(),
            p.AccountStates.Where(s => s.AccountId == u.AccountId).Select(s => s.UsedBytes).FirstOrDefault(),
            p.AccountStates.Where(s => s.AccountId == u.AccountId).Select(s => s.QuotaBytes).FirstOrDefault(),
            u.TwoFactorEnabled)).FirstAsync(ct));

    /// <summary>The caller's own name, on the user and its mailbox.</summary>
    public Task<Refusal?> RenameSelfAsync(long userId, string name, CancellationToken ct) =>
        Names.Check(name, "displayName") is { } bad
            ? Task.FromResult<Refusal?>(bad)
            : platform.AskAsync(async p =>
            {
                var user = await p.Users.FirstAsync(x => x.Id == userId, ct);
                user.DisplayName = name.Trim();
                if (await p.Accounts.FirstOrDefaultAsync(x => x.Id == user.AccountId, ct) is { } account)
                {
                    account.DisplayName = user.DisplayName;
                }

                return await p.TrySaveAsync(Saving.Changed, ct);
            });

    /// <summary>The caller's own password, once the old one was shown to be known; ends the other sessions.</summary>
    public Task<Refusal?> ChangeOwnPasswordAsync(long userId, string password, CancellationToken ct) => platform.AskAsync(async p =>
    {
        var user = await p.Users.FirstAsync(x => x.Id == userId, ct);
        if (PasswordRules.Check(password, user.UserName!) is { } weak)
        {
            return weak;
        }

        user.PasswordHash = PasswordRules.Hash(user, password);
        user.SecurityStamp = PasswordRules.NewStamp();
        await scrams.SetAsync(p, user, password, ct);
        new AuditLog(p, time).Add("user.password", user.UserName!, null, user.TenantId);
        return await p.TrySaveAsync(Saving.Changed, ct);
    });

    /// <summary>Who administers the reseller.</summary>
    public async Task<Outcome<IReadOnlyList<AdminUser>>> ListAdminsAsync(ResellerId reseller, CancellationToken ct)
    {
        if (!await db.Resellers.AnyAsync(x => x.Id == reseller, ct))
        {
            return Refusal.NotFound("reseller");
        }

        // Users without a tenant stand outside every fence; the check above says that the caller may know these.
        return await platform.AskAsync(p => (
            from g in p.RoleGrants
            join u in p.Users on g.UserId equals u.Id
            where g.ResellerId == reseller && g.Role == Role.ResellerAdmin
            orderby u.Id
            select new AdminUser(u.Id, u.UserName!, u.DisplayName, g.CreatedAt)).ToListAsync(ct));
    }

    /// <summary>Takes the role away; a user without a mailbox and without any role left is deleted.</summary>
    public async Task<Refusal?> RemoveAdminAsync(ResellerId reseller, long userId, CancellationToken ct)
    {
        if (!await db.Resellers.AnyAsync(x => x.Id == reseller, ct))
        {
            return Refusal.NotFound("reseller");
        }

        if (db.Caller.Scope is not CallerScope.Operator)
        {
            return new Refusal(RefusalReason.Forbidden, "Only operators take this role away.");
        }

        if (await db.RoleGrants.FirstOrDefaultAsync(
            x => x.ResellerId == reseller && x.UserId == userId && x.Role == Role.ResellerAdmin, ct) is not { } grant)
        {
            return Refusal.NotFound("admin");
        }

        var user = await db.Users.FirstAsync(x => x.Id == userId, ct);
        db.Remove(grant);
        if (user.AccountId is null && !await db.RoleGrants.AnyAsync(x => x.UserId == userId && x.Id != grant.Id, ct))
        {
            db.Remove(user);
        }
        else
        {
            user.SecurityStamp = PasswordRules.NewStamp();
        }

        audit.Add("user.remove", user.UserName ?? "", reseller, null);
        return await db.TrySaveAsync(Saving.Changed, ct);
    }
}
