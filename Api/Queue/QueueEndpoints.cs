using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Queue;

namespace SaaS.Api.Queue;

internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/queue").WithTags("Queue").Problems();
        group.MapGet("", ListQueue.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<QueueMessageView>>();
        group.MapGet("/destinations", ListQueueDestinations.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<QueueDestinationView>>();
        group.MapGet("/count", CountQueue.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueCount>();
        group.MapPost("/actions", ChangeQueueEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueChanged>();
        group.MapGet("/{id:long}", GetQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueMessageView>();
        group.MapPost("/{id:long}/hold", HoldQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueMessageView>();
        group.MapPost("/{id:long}/release", ReleaseQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueMessageView>();
        group.MapPost("/{id:long}/retry", RetryQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueMessageView>();
        group.MapPost("/{id:long}/bounce", BounceQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces<QueueMessageView>();
        group.MapDelete("/{id:long}", DeleteQueueMessage.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }
}
