using SaaS.Api.Hosting;
using SaaS.Client.Audit;
using SaaS.Client.Http;

namespace SaaS.Api.Audit;

internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/audit").WithTags("Audit").Problems();
        group.MapGet("", ListAudit.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<AuditView>>();
    }
}
