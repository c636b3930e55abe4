using System.Text.Json;
using SaaS.Api.Hosting;
using SaaS.Client.Audit;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Api.Audit;

internal static class ListAudit
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, string? action, string? user, DateTimeOffset? from, DateTimeOffset? until, AuditService audit,
        CancellationToken ct) =>
        (await audit.ListAsync(
            new AuditFilter(tenantId is { } tenant ? new TenantId(tenant) : null, action, user, from?.ToUniversalTime(), until?.ToUniversalTime()),
            list.ToQuery(), ct)).List(x => new AuditView(
            x.Id, x.At, x.UserName, x.Action, x.Target, x.Details is null ? null : JsonSerializer.Deserialize<JsonElement>(x.Details), x.Address,
            x.TenantId?.Value, x.ResellerId?.Value));
}
