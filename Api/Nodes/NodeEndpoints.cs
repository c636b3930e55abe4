using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Nodes;

namespace SaaS.Api.Nodes;

internal static class NodeEndpoints
{
    public static void MapNodes(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/nodes").WithTags("Nodes").Problems();
        group.MapGet("", ListNodes.HandleAsync).RequireAuthorization(Policies.Operator).Produces<PageOf<NodeView>>();
        group.MapPost("/{id}/drain", DrainNode.HandleAsync).RequireAuthorization(Policies.Operator).Produces(204);
    }
}
