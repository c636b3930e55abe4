namespace SaaS.MailHost.Imap;

/// <summary>How fast one connection may send commands: so many a minute in the long run, ten minutes' worth at once. Two numbers, no timer.</summary>
internal struct CommandPace
{
    private const int Burst = 10;

    private double _used;
    private long _at;

    /// <summary>Counts a command; how long it has to wait.</summary>
    public TimeSpan Take(int perMinute, TimeProvider clock)
    {
        if (perMinute == 0)
        {
            return TimeSpan.Zero;
        }

        var now = clock.GetTimestamp();
        var minutes = _at == 0 ? 0 : clock.GetElapsedTime(_at, now).TotalMinutes;
        _at = now;
        _used = Math.Max(0, _used - (minutes * perMinute)) + 1;
        var over = _used - (Burst * perMinute);
        return over <= 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(over / perMinute);
    }
}
