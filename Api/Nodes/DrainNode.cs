using Microsoft.EntityFrameworkCore;
using SaaS.Api.Hosting;
using SaaS.Client.Nodes;
using SaaS.Domain;
using SaaS.Domain.Audit;
using SaaS.Domain.Common;

namespace SaaS.Api.Nodes;

internal static class DrainNode
{
    public static async Task<IResult> HandleAsync(
        string id, DrainNodeRequest body, HttpContext context, MailDbContext db, AuditLog audit, TimeProvider time, CancellationToken ct)
    {
        if (await db.Nodes.FirstOrDefaultAsync(x => x.Id == id, ct) is not { } node)
        {
            return context.Refused(Refusal.NotFound("node"));
        }

        node.DrainRequestedAt = body.Draining ? time.GetUtcNow() : null;
        audit.Add(body.Draining ? "node.drain" : "node.resume", node.Id, null, null);
        await db.SaveChangesAsync(ct);
        return Results.NoContent();
    }
}
