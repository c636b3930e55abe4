using System.Text;
using Microsoft.Extensions.Options;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp.Commands;

namespace SaaS.MailHost.Smtp;

/// <summary>The engine: makes a session of each connection, by the rules of one profile.</summary>
internal sealed class SmtpServer(SmtpProfile profile, SmtpEngine engine) : IConnectionServer
{
    public string Protocol => profile.Name;

    public SmtpProfile Profile => profile;

    public ReadOnlyMemory<byte> TooManyConnections { get; } =
        Encoding.ASCII.GetBytes($"421 4.7.0 {engine.HostName} Too many connections from your address\r\n");

    public async Task ServeAsync(ClientConnection connection, CancellationToken ct)
    {
        using var session = new SmtpSession(connection, profile, engine);
        engine.Metrics.Session(profile.Name);
        await session.RunAsync(ct);
    }
}

/// <summary>What all sessions share.</summary>
internal sealed class SmtpEngine(
    Lazy<CommandTable> commands,
    IOptions<MailHostOptions> host,
    ConnectionLimits limits,
    SmtpMetrics metrics,
    TimeProvider clock,
    ILogger<SmtpEngine> log)
{
    public CommandTable Commands => commands.Value;

    public string HostName => host.Value.Name;

    public ConnectionLimits Limits => limits;

    public SmtpMetrics Metrics => metrics;

    public TimeProvider Clock => clock;

    public ILogger Log => log;
}
