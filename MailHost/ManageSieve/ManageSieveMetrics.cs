using System.Diagnostics.Metrics;

namespace SaaS.MailHost.ManageSieve;

/// <summary>Meter SaaS.MailHost.ManageSieve.</summary>
/// <remarks>mailhost.sieve.commands {command, status: OK, NO, BYE}; mailhost.sieve.logins {result: ok, failed}.</remarks>
internal sealed class ManageSieveMetrics
{
    private readonly Counter<long> _commands;
    private readonly Counter<long> _logins;

    public ManageSieveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.ManageSieve");
        _commands = meter.CreateCounter<long>("mailhost.sieve.commands", "{command}", "Commands answered");
        _logins = meter.CreateCounter<long>("mailhost.sieve.logins", "{login}", "Sign-ins tried");
    }

    public void Command(string name, string status) => _commands.Add(
        1, new KeyValuePair<string, object?>("command", name), new KeyValuePair<string, object?>("status", status));

    public void Login(bool ok) => _logins.Add(1, new KeyValuePair<string, object?>("result", ok ? "ok" : "failed"));
}
