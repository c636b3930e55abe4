using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace SaaS.Web;

/// <summary>One host name per brand serves everything: these paths go on to Api as they are.</summary>
internal static class ApiForwarding
{
    private static readonly string[] Paths = ["connect", "jmap", "v1", "dav", ".well-known", "openapi", "reference", "scalar"];

    public static void AddForwardingToApi(this IServiceCollection services, IConfiguration configuration)
    {
        var api = configuration["Api:BaseUrl"] ?? "http://127.0.0.1:8081";
        var routes = Paths
            .Select(path => new RouteConfig
            {
                RouteId = path,
                ClusterId = "api",
                Match = new RouteMatch { Path = $"/{path}/{{**rest}}" },
            })
            .ToArray();
        var cluster = new ClusterConfig
        {
            ClusterId = "api",
            Destinations = new Dictionary<string, DestinationConfig> { ["api"] = new() { Address = api } },
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = TimeSpan.FromMinutes(10), // event streams are quiet between pings
                AllowResponseBuffering = false,
            },
        };
        services.AddReverseProxy().LoadFromMemory(routes, [cluster]);
    }

    public static void MapForwardingToApi(this WebApplication app) => app.MapReverseProxy();
}
