using Microsoft.Extensions.Options;
using SaaS.Domain.Sieve.Scripts;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.ManageSieve;

/// <summary>What all ManageSieve sessions of the node share.</summary>
internal sealed class ManageSieveServer(
    SaslServer sasl,
    SieveScriptService scripts,
    AccessProxy.AccessProxy proxy,
    ManageSieveMetrics metrics,
    IOptions<ManageSieveOptions> options,
    IOptions<MailHostOptions> host,
    TimeProvider clock,
    ILogger<ManageSieveServer> log) : IConnectionServer
{
    public string Protocol => "sieve";

    public ReadOnlyMemory<byte> TooManyConnections { get; } = "BYE (TRYLATER) \"Too many connections from your address\"\r\n"u8.ToArray();

    public SaslServer Sasl => sasl;

    public SieveScriptService Scripts => scripts;

    public ManageSieveMetrics Metrics => metrics;

    public AccessProxy.AccessProxy Proxy => proxy;

    public ManageSieveOptions Options => options.Value;

    public string HostName => host.Value.Name;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public Task ServeAsync(ClientConnection connection, CancellationToken ct) => new ManageSieveSession(this, connection).RunAsync(ct);
}
