namespace SaaS.MailHost.Relay;

/// <summary>A hold on recipient rows. Owner is of this batch alone, so that a lease that was lost and taken again is not mistaken for it.</summary>
internal sealed class QueueLease(string owner, DateTimeOffset until, IEnumerable<long> recipients)
{
    // Time for the last command to reach the remote before somebody else may begin.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private long _until = until.UtcTicks;

    public string Owner => owner;

    public long[] Recipients { get; } = [.. recipients];

    public bool Holds(TimeProvider clock) => (clock.GetUtcNow() + Margin).UtcTicks < Interlocked.Read(ref _until);

    public void Extend(DateTimeOffset newUntil) => Interlocked.Exchange(ref _until, newUntil.UtcTicks);
}
