using Microsoft.EntityFrameworkCore;
using SaaS.Api.Hosting;
using SaaS.Client.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Nodes;
using SaaS.Domain;

namespace SaaS.Api.Nodes;

internal static class ListNodes
{
    public static async Task<IResult> HandleAsync(MailDbContext db, TimeProvider time, CancellationToken ct)
    {
        var down = time.GetUtcNow() - TimeSpan.FromSeconds(30);
        var nodes = await db.Nodes.AsNoTracking().OrderBy(x => x.Process).ThenBy(x => x.Id).Take(500).ToListAsync(ct);
        return new Page<Node>(nodes, null).List(x => new NodeView(
            x.Id, x.Process, x.Host, x.Roles, x.Version,
            x.HeartbeatAt < down ? NodeHealth.Down : x.Draining || x.DrainRequestedAt != null ? NodeHealth.Draining : NodeHealth.Up, x.StartedAt, x.HeartbeatAt, x.DrainRequestedAt != null));
    }
}
