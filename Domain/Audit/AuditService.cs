using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Common;

namespace SaaS.Domain.Audit;

/// <summary>The audit trail as far as the caller can see, newest first.</summary>
public sealed class AuditService(MailDbContext db)
{
    public async Task<Page<AuditEntry>> ListAsync(TenantId? tenant, ListQuery list, CancellationToken ct)
    {
        var query = db.Audit.AsNoTracking();
        if (tenant is { } t)
        {
            query = query.Where(x => x.TenantId == t);
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
