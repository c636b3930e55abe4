using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Queue;
using SaaS.Domain;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;
using SaaS.Domain.Queue;
using QueueAction = SaaS.Domain.Queue.QueueAction;

namespace SaaS.Api.Queue;

internal static class ChangeQueueEndpoint
{
    public static async Task<IResult> HandleAsync(
        ChangeQueue body, HttpContext context, Caller caller, OutboundQueue queue, MailDbContext db, AuditLog audit, CancellationToken ct)
    {
        if (!body.All && body is { State: null, Destination: null, TenantId: null } && string.IsNullOrWhiteSpace(body.Search))
        {
            return context.Refused(Refusal.Invalid("all", "Name a condition, or say that all of the queue is meant."));
        }

        if (!Enum.IsDefined(body.Action))
        {
            return context.Refused(Refusal.Invalid("action", "retry, hold, release, bounce or delete."));
        }

        var filter = QueueMapping.ToFilter(body.Search, body.State, body.Destination, body.TenantId);
        var changed = await queue.ChangeAllAsync(caller.Scope, filter, (QueueAction)body.Action, ct);
        if (changed > 0)
        {
            audit.Add(
                $"queue.{body.Action.ToString().ToLowerInvariant()}", body.Destination ?? body.Search ?? "queue",
                caller.Scope.ResellerOnly, caller.Scope.TenantOnly ?? (body.TenantId is { } tenant && caller.Scope is CallerScope.Operator ? new TenantId(tenant) : null),
                new { state = body.State?.ToString(), body.Destination, body.Search, recipients = changed });
            await db.SaveChangesAsync(ct);
        }

        return Results.Json(new QueueChanged(changed), ApiJson.Options);
    }
}
