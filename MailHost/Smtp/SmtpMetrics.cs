using System.Diagnostics.Metrics;

namespace SaaS.MailHost.Smtp;

/// <summary>Meter SaaS.MailHost.Smtp.</summary>
/// <remarks>
/// smtp.sessions {role}; smtp.messages.accepted {role}; smtp.recipients.accepted {role}; smtp.bytes.accepted {role};
/// smtp.refused {role, reason}: recipients and messages; smtp.auth {role, result}; smtp.accept.duration {role}: end of data to commit.
/// </remarks>
internal sealed class SmtpMetrics
{
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _recipients;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _auth;
    private readonly Histogram<double> _commit;

    public SmtpMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Smtp");
        _sessions = meter.CreateCounter<long>("smtp.sessions", "{session}", "SMTP and LMTP sessions");
        _messages = meter.CreateCounter<long>("smtp.messages.accepted", "{message}", "Messages acknowledged with 250");
        _recipients = meter.CreateCounter<long>("smtp.recipients.accepted", "{recipient}", "Recipients of acknowledged messages");
        _bytes = meter.CreateCounter<long>("smtp.bytes.accepted", "By", "Octets of acknowledged messages");
        _refused = meter.CreateCounter<long>("smtp.refused", "{refusal}", "Recipients and messages refused, by reason");
        _auth = meter.CreateCounter<long>("smtp.auth", "{attempt}", "AUTH, by result");
        _commit = meter.CreateHistogram<double>("smtp.accept.duration", "s", "From the last octet to the commit");
    }

    public void Session(string role) => _sessions.Add(1, new KeyValuePair<string, object?>("role", role));

    public void Accepted(string role, int recipients, long bytes, TimeSpan commit)
    {
        var tag = new KeyValuePair<string, object?>("role", role);
        _messages.Add(1, tag);
        _recipients.Add(recipients, tag);
        _bytes.Add(bytes, tag);
        _commit.Record(commit.TotalSeconds, tag);
    }

    public void Refused(string role, string reason) =>
        _refused.Add(1, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("reason", reason));

    public void Auth(string role, bool success) =>
        _auth.Add(1, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("result", success ? "success" : "failure"));
}
