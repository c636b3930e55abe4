using System.Diagnostics.Metrics;
using SaaS.Domain.Sieve;

namespace SaaS.MailHost.Router.Filters;

/// <summary>Meter SaaS.MailHost.Filters.</summary>
/// <remarks>mailhost.filters.runs {result: ok, error}; mailhost.filters.actions {action: store, redirect, reject, vacation, notify, discard};
/// mailhost.filters.duration: seconds a script took to run, without storing.</remarks>
internal sealed class FilterMetrics
{
    private readonly Counter<long> _runs;
    private readonly Counter<long> _actions;
    private readonly Histogram<double> _duration;

    public FilterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Filters");
        _runs = meter.CreateCounter<long>("mailhost.filters.runs", "{run}", "Deliveries that a filter was run for");
        _actions = meter.CreateCounter<long>("mailhost.filters.actions", "{action}", "What filters did");
        _duration = meter.CreateHistogram(
            "mailhost.filters.duration", "s", "Time a script took to run",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5] });
    }

    public void Ran(SieveResult result, TimeSpan took)
    {
        _runs.Add(1, new KeyValuePair<string, object?>("result", result.Error is null ? "ok" : "error"));
        _duration.Record(took.TotalSeconds);
        if (result.Error is null && result.Actions.All(a => a is SieveAction.Remember))
        {
            Did("discard");
        }
    }

    public void Did(string action) => _actions.Add(1, new KeyValuePair<string, object?>("action", action));
}
