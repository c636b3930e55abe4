using Microsoft.Extensions.DependencyInjection.Extensions;
using SaaS.Api.Jmap.Blobs;
using SaaS.Api.Jmap.Core;
using SaaS.Api.Jmap.Mail;
using SaaS.Api.Jmap.Push;

namespace SaaS.Api.Jmap;

/// <summary>JMAP core and mail (RFC 8620, RFC 8621).</summary>
public static class JmapEndpoints
{
    public static IServiceCollection AddJmap(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<JmapOptions>().Bind(configuration.GetSection("Jmap"))
            .Validate(o => o.MaxCallsInRequest > 0 && o.MaxObjectsInGet > 0 && o.MaxObjectsInSet > 0, "Jmap: limits must be above 0.")
            .ValidateOnStart();
        services.AddSingleton<Concurrency>();
        services.AddSingleton<BlobReader>();
        services.AddSingleton<EmailComposer>();
        services.AddSingleton<EventSourceEndpoint>();
        services.TryAddSingleton<Identity.TokenCheck>();
        foreach (var type in MethodTable.Types)
        {
            services.AddSingleton(type);
            services.AddSingleton(p => (JmapMethod)p.GetRequiredService(type));
        }

        services.AddSingleton<JmapAccess>();
        services.AddSingleton<MethodTable>();
        services.AddSingleton<JmapDispatcher>();
        return services;
    }

    /// <summary>The routes. Which tokens pass is the host's policy; whose account and which scope, each endpoint's own check.</summary>
    public static RouteGroupBuilder MapJmap(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        group.MapGet("/.well-known/jmap", () => Results.Redirect("/jmap/session", permanent: false, preserveMethod: true)).AllowAnonymous();
        group.MapGet("/jmap/session", SessionEndpoint.HandleAsync);
        group.MapPost("/jmap/api", ApiEndpoint.HandleAsync);
        group.MapPost("/jmap/upload/{accountId}/", UploadEndpoint.HandleAsync).DisableAntiforgery();
        group.MapGet("/jmap/download/{accountId}/{blobId}/{name}", DownloadEndpoint.HandleAsync);
        group.MapGet("/jmap/eventsource", (HttpContext http, EventSourceEndpoint events) => events.HandleAsync(http));
        return group;
    }
}
