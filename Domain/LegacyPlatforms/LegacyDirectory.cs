using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;

namespace SaaS.Domain.LegacyPlatforms;

/// <summary>Legacy platforms as sign-ins and deliveries need them. Remembered until the directory changes, and a minute at most.</summary>
public sealed class LegacyDirectory : IDisposable
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<LegacyPlatformId, (LegacyPlatform Platform, long At)> _known = new();
    private readonly PlatformQuery _platform;
    private readonly TimeProvider _clock;
    private readonly IDisposable _subscription;
    private int _changes;

    public LegacyDirectory(PlatformQuery platform, IChangeFeed feed, TimeProvider clock)
    {
        (_platform, _clock) = (platform, clock);
        _subscription = feed.OnWake(DirectoryChanges.Topic, Forget);
    }

    public async ValueTask<LegacyPlatform?> FindAsync(LegacyPlatformId id, CancellationToken ct)
    {
        if (_known.TryGetValue(id, out var known) && _clock.GetElapsedTime(known.At) < Remembered)
        {
            return known.Platform;
        }

        var changes = Volatile.Read(ref _changes);
        var found = await _platform.AskAsync(db => db.LegacyPlatforms.AsNoTracking().FirstOrDefaultAsync(x => x.Id == id, ct));
        if (found is not null && changes == Volatile.Read(ref _changes))
        {
            if (_known.Count >= MaxRemembered)
            {
                _known.Clear();
            }

            _known[id] = (found, _clock.GetTimestamp());
        }

        return found;
    }

    public void Dispose() => _subscription.Dispose();

    private void Forget()
    {
        Interlocked.Increment(ref _changes);
        _known.Clear();
    }
}
