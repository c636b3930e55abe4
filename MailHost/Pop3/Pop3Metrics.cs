using System.Diagnostics.Metrics;

namespace SaaS.MailHost.Pop3;

/// <summary>Meter SaaS.MailHost.Pop3.</summary>
/// <remarks>mailhost.pop3.logins {result: ok, failed}; mailhost.pop3.retrieved; mailhost.pop3.deleted {to: nowhere, trash}.</remarks>
internal sealed class Pop3Metrics
{
    private readonly Counter<long> _logins;
    private readonly Counter<long> _retrieved;
    private readonly Counter<long> _deleted;

    public Pop3Metrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Pop3");
        _logins = meter.CreateCounter<long>("mailhost.pop3.logins", "{login}", "Logins tried");
        _retrieved = meter.CreateCounter<long>("mailhost.pop3.retrieved", "{message}", "Messages sent whole or in part");
        _deleted = meter.CreateCounter<long>("mailhost.pop3.deleted", "{message}", "Messages that sessions deleted");
    }

    public void Login(bool ok) => _logins.Add(1, new KeyValuePair<string, object?>("result", ok ? "ok" : "failed"));

    public void Retrieved() => _retrieved.Add(1);

    public void Deleted(int count, bool toTrash) => _deleted.Add(count, new KeyValuePair<string, object?>("to", toTrash ? "trash" : "nowhere"));
}
