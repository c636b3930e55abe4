using System.Diagnostics.Metrics;

namespace SaaS.MailHost.MailAuth;

/// <summary>Meter SaaS.MailHost.MailAuth.</summary>
/// <remarks>mailauth.results {method: iprev, spf, dkim, arc, dmarc; result}; mailauth.duration: seconds for all methods; mailauth.questions: to DNS for a
/// message; mailauth.actions {action: reject, junk, mark}: what became of mail that failed DMARC.</remarks>
internal sealed class MailAuthMetrics
{
    private readonly Counter<long> _results;
    private readonly Counter<long> _actions;
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _questions;

    public MailAuthMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.MailAuth");
        _results = meter.CreateCounter<long>("mailauth.results", "{result}", "Results of message authentication");
        _actions = meter.CreateCounter<long>("mailauth.actions", "{message}", "What became of mail that failed DMARC");
        _duration = meter.CreateHistogram(
            "mailauth.duration", "s", "Time for all methods",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5] });
        _questions = meter.CreateHistogram<int>("mailauth.questions", "{question}", "Questions to DNS for a message");
    }

    public void Checked(MessageAuthentication a, TimeSpan took)
    {
        Add("iprev", a.Iprev.Result);
        Add("spf", a.Spf.Result);
        foreach (var d in a.Dkim)
        {
            Add("dkim", d.Result);
        }

        if (a.Dkim.Count == 0)
        {
            Add("dkim", AuthResult.None);
        }

        Add("arc", a.Arc.Result);
        Add("dmarc", a.Dmarc.Result);
        _duration.Record(took.TotalSeconds);
        _questions.Record(a.Questions);
    }

    public void Acted(string action) => _actions.Add(1, new KeyValuePair<string, object?>("action", action));

    private void Add(string method, AuthResult result) =>
        _results.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("result", result.Word()));
}
