using System.Diagnostics.Metrics;

namespace SaaS.MailHost.Net;

/// <summary>Meter SaaS.MailHost.Net.</summary>
/// <remarks>
/// mailhost.connections.active {protocol}; mailhost.connections {protocol}; mailhost.connections.refused {protocol};
/// mailhost.tls.handshake_failures.
/// </remarks>
internal sealed class ConnectionMetrics
{
    private readonly UpDownCounter<int> _active;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _handshakes;

    public ConnectionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Net");
        _active = meter.CreateUpDownCounter<int>("mailhost.connections.active", "{connection}", "Open client connections");
        _opened = meter.CreateCounter<long>("mailhost.connections", "{connection}", "Client connections");
        _refused = meter.CreateCounter<long>("mailhost.connections.refused", "{connection}", "Turned away: too many from one address");
        _handshakes = meter.CreateCounter<long>("mailhost.tls.handshake_failures", "{handshake}", "TLS handshakes that failed");
    }

    public void Opened(string protocol)
    {
        _active.Add(1, new KeyValuePair<string, object?>("protocol", protocol));
        _opened.Add(1, new KeyValuePair<string, object?>("protocol", protocol));
    }

    public void Closed(string protocol) => _active.Add(-1, new KeyValuePair<string, object?>("protocol", protocol));

    public void Refused(string protocol) => _refused.Add(1, new KeyValuePair<string, object?>("protocol", protocol));

    public void HandshakeFailed() => _handshakes.Add(1);
}
