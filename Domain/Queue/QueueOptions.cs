namespace SaaS.Domain.Queue;

/// <summary>Section Queue.</summary>
public sealed class QueueOptions
{
    /// <summary>How long a message is tried before its sender is told that it failed. Default 3 days.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Compressed octets up to which a message stands in its queue row; above, in the blob store. Default 128 KB.</summary>
    public int InlineLimit { get; set; } = 128 * 1024;

    /// <summary>Waits between attempts; the last one repeats. Ten per cent at random are added or taken away.</summary>
    public IList<TimeSpan> Retries { get; } = [];

    /// <summary>After this long a sender is told that the message is delayed. Default 4 hours.</summary>
    public TimeSpan DelayNotice { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long a worker holds what it took; it renews at a third of it. Default 1 minute.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Host:Name, as reports give it.</summary>
    public string HostName { get; set; } = "localhost";

    internal TimeSpan WaitAfter(int attempts)
    {
        var waits = Retries.Count > 0 ? Retries : DefaultRetries;
        var wait = waits[Math.Min(attempts, waits.Count - 1)];
        return wait * (0.9 + (0.2 * Random.Shared.NextDouble()));
    }

    /// <summary>After trouble of our own, which ends sooner than a remote host's: 5 seconds, doubled up to 5 minutes.</summary>
    internal static TimeSpan WaitAfterFault(int attempts) => TimeSpan.FromSeconds(Math.Min(5 << Math.Min(attempts, 6), 300));

    private static readonly IList<TimeSpan> DefaultRetries =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(2), TimeSpan.FromHours(4),
    ];
}
