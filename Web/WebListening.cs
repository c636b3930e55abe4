using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace SaaS.Web;

/// <summary>The one public port of this process, and whom it believes about the client's address.</summary>
internal static class WebListening
{
    public static void ConfigureListening(this WebApplicationBuilder builder)
    {
        var port = builder.Configuration.GetValue<int?>("Web:Port") ?? 8080;
        var address = builder.Configuration["Listen:Address"] ?? "localhost";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 75 * 1024 * 1024;
            switch (address)
            {
                case "localhost":
                    kestrel.ListenLocalhost(port);
                    break;
                case "any":
                    kestrel.ListenAnyIP(port);
                    break;
                default:
                    kestrel.Listen(IPAddress.Parse(address), port);
                    break;
            }
        });
    }

    /// <summary>X-Forwarded-* counts only when it comes from loopback or a network named in Proxy:Trusted.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = 1,
        };
        foreach (var network in app.Configuration.GetSection("Proxy:Trusted").Get<string[]>() ?? [])
        {
            options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        }

        app.UseForwardedHeaders(options);
    }
}
