using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;

namespace SaaS.Domain.Audit;

/// <summary>Which entries: of a kind of thing (noun) or one action (noun.verb), by somebody, in a time.</summary>
public sealed record AuditFilter(TenantId? Tenant = null, string? Action = null, string? User = null, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>The audit trail as far as the caller can see, newest first.</summary>
public sealed class AuditService(MailDbContext db)
{
    public async Task<Page<AuditEntry>> ListAsync(AuditFilter filter, ListQuery list, CancellationToken ct)
    {
        var query = db.Audit.AsNoTracking();
        if (filter.Tenant is { } t)
        {
            query = query.Where(x => x.TenantId == t);
        }

        if (filter.Action is { Length: > 0 } action)
        {
            var noun = action + ".";
            query = query.Where(x => x.Action == action || x.Action.StartsWith(noun));
        }

        if (filter.User is { Length: > 0 } user)
        {
            query = query.Where(x => x.UserName == user);
        }

        if (filter.From is { } from)
        {
            query = query.Where(x => x.At >= from);
        }

        if (filter.Until is { } until)
        {
            query = query.Where(x => x.At < until);
        }

        if (list.After is { } before)
        {
            query = query.Where(x => x.Id < before);
        }

        if (list.Pattern is { } pattern)
        {
            query = query.Where(x => EF.Functions.ILike(x.Action, pattern) || EF.Functions.ILike(x.Target, pattern)
                || EF.Functions.ILike(x.UserName!, pattern));
        }

        return list.ToPage(await query.OrderByDescending(x => x.Id).Take(list.Limit + 1).ToListAsync(ct), x => x.Id);
    }
}
