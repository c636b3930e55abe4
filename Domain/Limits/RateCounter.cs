namespace SaaS.Domain.Limits;

/// <summary>How often something happened in a window, counted for all processes together. The table is unlogged: a crash forgets it.</summary>
public sealed class RateCounter
{
    /// <summary>Hash of what is counted: what people type into a login field is kept nowhere.</summary>
    public required byte[] Key { get; set; }
    /// <summary>End of the window; the next count after it starts anew.</summary>
    public DateTimeOffset Until { get; set; }
    public int Count { get; set; }
}
