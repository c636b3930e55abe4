using System.Text.Json;
using SaaS.Api.Hosting;
using SaaS.Client.Audit;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Api.Audit;

internal static class ListAudit
{
    public static async Task<IResult> HandleAsync(
        ListParameters list, long? tenantId, AuditService audit, CancellationToken ct) =>
        (await audit.ListAsync(tenantId is { } tenant ? new TenantId(tenant) : null, list.ToQuery(), ct)).List(x => new AuditView(
            x.Id, x.At, x.UserName, x.Action, x.Target, x.Details is null ? null : JsonSerializer.Deserialize<JsonElement>(x.Details), x.Address,
            x.TenantId?.Value, x.ResellerId?.Value));
}
