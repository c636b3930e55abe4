namespace SaaS.MailHost.Moves;

/// <summary>So many a second, with a second's worth at once.</summary>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private readonly double _ticksEach = clock.TimestampFrequency / perSecond;
    private double _free = clock.GetTimestamp() - clock.TimestampFrequency;

    /// <summary>Waits until <paramref name="amount"/> may pass. For one caller at a time.</summary>
    public async ValueTask TakeAsync(double amount, CancellationToken ct)
    {
        var now = clock.GetTimestamp();
        _free = Math.Max(_free, now - clock.TimestampFrequency) + (amount * _ticksEach);
        var wait = TimeSpan.FromSeconds((_free - now) / clock.TimestampFrequency);
        if (wait > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(wait, clock, ct);
        }
    }
}
