using System.Collections.Concurrent;
using System.Globalization;

namespace SaaS.Api.Hosting;

/// <summary>Requests of each caller in a window of a minute. Counts are per node: behind N nodes a caller has up to N times as many.</summary>
internal sealed class RateLimits(IConfiguration configuration, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>Requests a minute of a signed-in user or client; Api:RatePerMinute, 1200.</summary>
    public int PerCaller { get; } = configuration.GetValue<int?>("Api:RatePerMinute") ?? 1200;

    /// <summary>Requests a minute of an address without a token; Api:AnonymousRatePerMinute, 300.</summary>
    public int PerAddress { get; } = configuration.GetValue<int?>("Api:AnonymousRatePerMinute") ?? 300;

    /// <summary>Counts one request.</summary>
    public (int Remaining, int ResetSeconds) Take(string key, int limit)
    {
        if (_counters.Count > 100_000)
        {
            _counters.Clear();
        }

        var counter = _counters.GetOrAdd(key, static _ => new Counter());
        lock (counter)
        {
            var elapsed = clock.GetElapsedTime(counter.Start);
            if (counter.Count == 0 || elapsed >= Window)
            {
                (counter.Start, counter.Count, elapsed) = (clock.GetTimestamp(), 0, TimeSpan.Zero);
            }

            counter.Count++;
            return (limit - counter.Count, (int)Math.Ceiling((Window - elapsed).TotalSeconds));
        }
    }

    private sealed class Counter
    {
        public long Start;
        public int Count;
    }
}

/// <summary>Tells every caller how much is left (RateLimit-* headers) and stops who has used it up.</summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimits limits)
{
    public async Task InvokeAsync(HttpContext context, CurrentUser user)
    {
        var path = context.Request.Path;
        if (!path.StartsWithSegments("/v1", StringComparison.Ordinal) && !path.StartsWithSegments("/connect", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }

        var (key, limit) = user.SignedIn
            ? ($"{user.ClientId} {user.Login}", limits.PerCaller)
            : ($"@{context.Connection.RemoteIpAddress}", limits.PerAddress);
        var (remaining, reset) = limits.Take(key, limit);
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = Math.Max(0, remaining).ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
        if (remaining < 0)
        {
            headers.RetryAfter = reset.ToString(CultureInfo.InvariantCulture);
            await context.Refused(new Domain.Common.Refusal(Domain.Common.RefusalReason.RateLimited, "Too many requests; wait a little."))
                .ExecuteAsync(context);
            return;
        }

        await next(context);
    }
}
