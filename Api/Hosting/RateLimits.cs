using System.Collections.Concurrent;
using Npgsql;
using SaaS.Domain.Limits;

namespace SaaS.Api.Hosting;

/// <summary>
/// Requests of each caller in a minute of the clock, over all nodes. A request costs a count in memory; once a second the callers who have used a
/// good part of their minute are added up in the database, so that N nodes give way by a second's requests and not N times over.
/// </summary>
internal sealed partial class RateLimits(IConfiguration configuration, SharedCounters shared, TimeProvider clock, ILogger<RateLimits> log) : BackgroundService
{
    private const int Window = 60;
    /// <summary>Who has used less than this part of the limit on this node is not worth a statement.</summary>
    private const int Part = 10;
    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>Requests a minute of a signed-in user or client; Api:RatePerMinute, 1200.</summary>
    public int PerCaller { get; } = configuration.GetValue<int?>("Api:RatePerMinute") ?? 1200;

    /// <summary>Requests a minute of an address (IPv4, IPv6 /64) without a token; Api:AnonymousRatePerMinute, 300.</summary>
    public int PerAddress { get; } = configuration.GetValue<int?>("Api:AnonymousRatePerMinute") ?? 300;

    /// <summary>Counts one request.</summary>
    public (int Remaining, int ResetSeconds) Take(string key, int limit)
    {
        if (_counters.Count > 100_000)
        {
            _counters.Clear();
        }

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var counter = _counters.GetOrAdd(key, static _ => new Counter());
        lock (counter)
        {
            if (now >= counter.Until)
            {
                (counter.Until, counter.Own, counter.Told, counter.Others) = (now - (now % Window) + Window, 0, 0, 0);
            }

            counter.Limit = limit;
            counter.Own++;
            return (limit - counter.Own - counter.Others, (int)(counter.Until - now));
        }
    }

    /// <summary>Tells the database what came in here since the last time, and takes over what came in elsewhere.</summary>
    public async Task ShareAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var window in _counters.GroupBy(x => x.Value.Until).Where(x => x.Key > now).ToList())
        {
            var told = new List<(string Key, int Amount)>();
            foreach (var (key, counter) in window)
            {
                lock (counter)
                {
                    // A caller at its limit is told no more: the numbers only grow.
                    if (counter.Own > counter.Told && counter.Own * Part >= counter.Limit && counter.Told + counter.Others <= counter.Limit)
                    {
                        told.Add((key, counter.Own - counter.Told));
                        counter.Told = counter.Own;
                    }
                }
            }

            if (told.Count == 0)
            {
                continue;
            }

            var sums = await shared.AddAsync([.. told.Select(x => ($"http {x.Key}", x.Amount))], DateTimeOffset.FromUnixTimeSeconds(window.Key), ct);
            foreach (var (key, _) in told)
            {
                if (_counters.TryGetValue(key, out var counter) && sums.TryGetValue($"http {key}", out var sum))
                {
                    lock (counter)
                    {
                        if (counter.Until == window.Key)
                        {
                            counter.Others = Math.Max(counter.Others, sum - counter.Told);
                        }
                    }
                }
            }
        }

        foreach (var (key, counter) in _counters)
        {
            if (counter.Until <= now)
            {
                _counters.TryRemove(key, out _);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ShareAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Alone(log, e.Message);
            }
        }
    }

    private sealed class Counter
    {
        /// <summary>End of the minute, Unix seconds.</summary>
        public long Until;
        public int Limit;
        public int Own;
        /// <summary>Of the own ones, those that the database knows.</summary>
        public int Told;
        public int Others;
    }

    [LoggerMessage(7003, LogLevel.Warning, "Request counts are this node's own for now: {Reason}")]
    private static partial void Alone(ILogger log, string reason);
}
