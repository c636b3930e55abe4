using System.Diagnostics.Metrics;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Meter SaaS.MailHost.AccessProxy.</summary>
/// <remarks>
/// mailhost.proxy.logins {protocol, platform, result: ok, refused, unavailable}; mailhost.proxy.login.duration {protocol, platform}, from the password to
/// the platform's answer; mailhost.proxy.sessions {protocol}; mailhost.proxy.octets {protocol, direction: up, down}.
/// </remarks>
internal sealed class AccessProxyMetrics
{
    private readonly Counter<long> _logins;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _octets;

    public AccessProxyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.AccessProxy");
        _logins = meter.CreateCounter<long>("mailhost.proxy.logins", "{login}", "Logins at legacy platforms");
        _duration = meter.CreateHistogram<double>("mailhost.proxy.login.duration", "s", "Time until the legacy platform answered");
        _sessions = meter.CreateUpDownCounter<long>("mailhost.proxy.sessions", "{session}", "Connections that are passed on now");
        _octets = meter.CreateCounter<long>("mailhost.proxy.octets", "By", "Octets passed on");
    }

    public void Login(string protocol, string platform, string result, TimeSpan took)
    {
        var (p, l) = (KeyValuePair.Create("protocol", (object?)protocol), KeyValuePair.Create("platform", (object?)platform));
        _logins.Add(1, p, l, KeyValuePair.Create("result", (object?)result));
        _duration.Record(took.TotalSeconds, p, l);
    }

    public void Sessions(string protocol, int change) => _sessions.Add(change, KeyValuePair.Create("protocol", (object?)protocol));

    public void Octets(string protocol, string direction, long octets) =>
        _octets.Add(octets, KeyValuePair.Create("protocol", (object?)protocol), KeyValuePair.Create("direction", (object?)direction));
}
