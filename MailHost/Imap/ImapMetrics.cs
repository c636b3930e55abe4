using System.Diagnostics.Metrics;

namespace SaaS.MailHost.Imap;

/// <summary>Meter SaaS.MailHost.Imap.</summary>
/// <remarks>mailhost.imap.commands {command, status}; mailhost.imap.logins {result: ok, failed}; mailhost.imap.held: commands that came too fast and waited.</remarks>
internal sealed class ImapMetrics
{
    private readonly Counter<long> _commands;
    private readonly Counter<long> _logins;
    private readonly Counter<long> _held;

    public ImapMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Imap");
        _commands = meter.CreateCounter<long>("mailhost.imap.commands", "{command}", "Commands answered");
        _logins = meter.CreateCounter<long>("mailhost.imap.logins", "{login}", "Logins tried");
        _held = meter.CreateCounter<long>("mailhost.imap.held", "{command}", "Commands that came too fast and waited");
    }

    public void Command(string name, ImapStatus status) => _commands.Add(
        1, new KeyValuePair<string, object?>("command", name), new KeyValuePair<string, object?>("status", status));

    public void Held() => _held.Add(1);

    public void Login(bool ok) => _logins.Add(1, new KeyValuePair<string, object?>("result", ok ? "ok" : "failed"));
}
