using System.Text.Json;
using SaaS.Domain.Common;

namespace SaaS.Domain.Audit;

/// <summary>Puts an entry beside a change, so that both are saved in one transaction or not at all.</summary>
public sealed class AuditLog(MailDbContext db, TimeProvider time)
{
    /// <param name="action">noun.verb, such as domain.verify.</param>
    /// <param name="target">What it was done to, as a person names it.</param>
    /// <param name="details">Changed fields; never a secret.</param>
    public void Add(string action, string target, ResellerId? reseller, TenantId? tenant, object? details = null) => db.Audit.Add(new AuditEntry
    {
        At = time.GetUtcNow(),
        UserId = db.Caller.UserId,
        UserName = db.Caller.Name,
        Address = db.Caller.Address?.ToString(),
        ResellerId = reseller,
        TenantId = tenant,
        Action = action,
        Target = target,
        Details = details is null ? null : JsonSerializer.Serialize(details, JsonSerializerOptions.Web),
    });
}
