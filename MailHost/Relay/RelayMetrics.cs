using System.Diagnostics.Metrics;
using SaaS.Domain.Queue;

namespace SaaS.MailHost.Relay;

/// <summary>relay_attempts (by result), queue_recipients (by state), queue_oldest_seconds.</summary>
internal sealed class RelayMetrics : IDisposable
{
    private readonly Meter _meter = new("SaaS.Relay");
    private readonly Counter<long> _attempts;

    public RelayMetrics(TimeProvider clock)
    {
        _attempts = _meter.CreateCounter<long>("relay_attempts", "{recipient}", "Attempts to deliver to a recipient outside");
        _meter.CreateObservableGauge<long>("queue_recipients", () => (Measurement<long>[])
        [
            new Measurement<long>(Figures?.Waiting ?? 0, new KeyValuePair<string, object?>("state", "waiting")),
            new Measurement<long>(Figures?.Trying ?? 0, new KeyValuePair<string, object?>("state", "trying")),
            new Measurement<long>(Figures?.Held ?? 0, new KeyValuePair<string, object?>("state", "held")),
        ], "{recipient}", "Recipients in the queue");
        _meter.CreateObservableGauge(
            "queue_oldest_seconds", () => Figures?.OldestCreatedAt is { } at ? (clock.GetUtcNow() - at).TotalSeconds : 0, "s", "Age of the oldest message");
    }

    /// <summary>As last read from the queue.</summary>
    public QueueFigures? Figures { get; set; }

    public void Attempted(AttemptResult result) => _attempts.Add(1, new KeyValuePair<string, object?>("result", result switch
    {
        AttemptResult.Delivered or AttemptResult.Relayed => "delivered",
        AttemptResult.Deferred => "deferred",
        AttemptResult.Failed => "failed",
    }));

    public void Dispose() => _meter.Dispose();
}
