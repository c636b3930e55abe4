using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace SaaS.Api.Hosting;

/// <summary>The port of this process, and whom it believes about the public origin.</summary>
internal static class Listening
{
    public const long MaxRestBody = 1 << 20;

    public static void ConfigureListening(this WebApplicationBuilder builder)
    {
        var port = builder.Configuration.GetValue<int?>("Api:Port") ?? 8081;
        var address = builder.Configuration["Listen:Address"] ?? "localhost";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 75 * 1024 * 1024; // JMAP uploads; the rest is held smaller by its own limit
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

    /// <summary>X-Forwarded-* counts only when it comes from loopback or a network named in Proxy:Trusted: the issuer follows from it.</summary>
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
