using System.Diagnostics.Metrics;

namespace SaaS.MailHost.Moves;

/// <summary>Meter SaaS.MailHost.Moves.</summary>
/// <remarks>
/// mailhost.moves.messages {result: copied, skipped}; mailhost.moves.bytes; mailhost.moves.runs {result: done, failed, postponed, cancelled};
/// mailhost.moves.count {state: waiting, running}.
/// </remarks>
internal sealed class MoveMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _runs;

    public MoveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SaaS.MailHost.Moves");
        _messages = meter.CreateCounter<long>("mailhost.moves.messages", "{message}", "Messages of other platforms");
        _bytes = meter.CreateCounter<long>("mailhost.moves.bytes", "By", "Octets brought here");
        _runs = meter.CreateCounter<long>("mailhost.moves.runs", "{run}", "Runs that ended");
        meter.CreateObservableGauge("mailhost.moves.count", () => (Measurement<int>[])
        [
            new(Figures.Waiting, new KeyValuePair<string, object?>("state", "waiting")),
            new(Figures.Running, new KeyValuePair<string, object?>("state", "running")),
        ], "{move}", "Moves under way");
    }

    public (int Waiting, int Running) Figures { get; set; }

    public void Copied(int messages, long bytes)
    {
        _messages.Add(messages, new KeyValuePair<string, object?>("result", "copied"));
        _bytes.Add(bytes);
    }

    public void Skipped() => _messages.Add(1, new KeyValuePair<string, object?>("result", "skipped"));

    public void Ended(string result) => _runs.Add(1, new KeyValuePair<string, object?>("result", result));
}
