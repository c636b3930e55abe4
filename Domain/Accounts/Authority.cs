using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>A role and what it is over.</summary>
public sealed record RoleOver(Role Role, ResellerId? Reseller = null, TenantId? Tenant = null);

/// <summary>
/// The one place that says who may give, take or touch which power: a grant never exceeds its giver's own, and nobody changes somebody
/// who can do more than they can (a tenant admin does not reset the password of an operator whose mailbox happens to be there).
/// </summary>
public sealed class Authority(MailDbContext db, PlatformQuery platform)
{
    public async Task<Refusal?> CheckGrantAsync(RoleOver wanted, CancellationToken ct) =>
        await CoversAsync(wanted, ct) ? null : new Refusal(RefusalReason.Forbidden, "A grant cannot exceed the giver's own.", "roles");

    /// <summary>Whether the caller can do all that this user can.</summary>
    public async Task<Refusal?> CheckUserAsync(long userId, CancellationToken ct)
    {
        if (db.Caller.Scope is CallerScope.Operator)
        {
            return null;
        }

        var held = await platform.AskAsync(p => p.RoleGrants.AsNoTracking().Where(x => x.UserId == userId)
            .Select(x => new RoleOver(x.Role, x.ResellerId, x.TenantId)).ToListAsync(ct));
        foreach (var role in held)
        {
            if (!await CoversAsync(role, ct))
            {
                return new Refusal(RefusalReason.Forbidden, "This user has rights that you do not have.");
            }
        }

        return null;
    }

    private async Task<bool> CoversAsync(RoleOver role, CancellationToken ct)
    {
        switch (role)
        {
            case { Role: Role.Operator }:
                return db.Caller.Scope.Covers(CallerScope.Platform, null);
            case { Role: Role.ResellerAdmin, Reseller: { } reseller }:
                return db.Caller.Scope.Covers(new CallerScope.OfReseller(reseller), reseller);
            case { Role: Role.TenantAdmin, Tenant: { } tenant }:
                var owner = await platform.AskAsync(
                    p => p.Tenants.Where(x => x.Id == tenant).Select(x => (ResellerId?)x.ResellerId).FirstOrDefaultAsync(ct));
                return db.Caller.Scope.Covers(new CallerScope.OfTenant(tenant), owner);
            default:
                return false;
        }
    }
}
