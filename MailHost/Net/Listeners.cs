using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Net;

/// <summary>Opens a port on Kestrel for a role.</summary>
internal static class Listeners
{
    /// <param name="kestrel">As given to the role.</param>
    /// <param name="configuration">Has the port under <paramref name="portKey"/>.</param>
    /// <param name="portKey">Such as "Imap:Port"; 0 = any free port of the loopback (tests).</param>
    /// <param name="defaultPort">Where the key is not set.</param>
    /// <param name="implicitTls">The handshake comes before the banner.</param>
    /// <typeparam name="TServer">Registered as a singleton by the role.</typeparam>
    public static void ListenMail<TServer>(
        this KestrelServerOptions kestrel, IConfiguration configuration, string portKey, int defaultPort, bool implicitTls = false)
        where TServer : class, IConnectionServer =>
        kestrel.ListenMail(configuration, portKey, defaultPort, services => services.GetRequiredService<TServer>(), implicitTls);

    public static void ListenMail(
        this KestrelServerOptions kestrel,
        IConfiguration configuration,
        string portKey,
        int defaultPort,
        Func<IServiceProvider, IConnectionServer> server,
        bool implicitTls = false)
    {
        kestrel.Listen(configuration, portKey, defaultPort, listen =>
        {
            var services = listen.ApplicationServices;
            var instance = server(services);
            var frame = services.GetRequiredService<ConnectionFrame>();
            listen.Run(context => frame.RunAsync(context, instance, implicitTls));
            services.GetRequiredService<ILogger<ConnectionFrame>>()
                .Listens(instance.Protocol, listen.EndPoint.ToString() ?? "", implicitTls ? " (TLS)" : "");
        });
    }

    /// <summary>Health and metrics.</summary>
    public static void ListenHttp(this KestrelServerOptions kestrel, IConfiguration configuration) =>
        kestrel.Listen(configuration, "Http:Port", 8082, listen => listen.Protocols = HttpProtocols.Http1);

    private static void Listen(
        this KestrelServerOptions kestrel, IConfiguration configuration, string portKey, int defaultPort, Action<ListenOptions> configure)
    {
        var port = Port(configuration, portKey, defaultPort);
        var address = configuration["Listen:Address"];
        switch (address)
        {
            case null or "" or "localhost" when port == 0:
                kestrel.Listen(IPAddress.Loopback, 0, configure);
                break;
            case null or "" or "localhost":
                kestrel.ListenLocalhost(port, configure);
                break;
            case "any":
                kestrel.ListenAnyIP(port, configure);
                break;
            default:
                kestrel.Listen(
                    IPAddress.TryParse(address, out var ip) ? ip : throw new ConfigurationException($"Listen:Address is neither localhost, any nor an IP address: {address}"),
                    port,
                    configure);
                break;
        }
    }

    private static int Port(IConfiguration configuration, string key, int defaultPort) =>
        configuration[key] is not { Length: > 0 } text ? defaultPort
        : ushort.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port) ? port
        : throw new ConfigurationException($"{key} is not a port number: {text}");
}
