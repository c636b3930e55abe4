namespace SaaS.Domain.Queue;

/// <summary>Section Queue.</summary>
public sealed class QueueOptions
{
    /// <summary>How long a message is tried before its sender is told that it failed. Default 3 days.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Compressed octets up to which a message stands in its queue row; above, in the blob store. Default 128 KB.</summary>
    public int InlineLimit { get; set; } = 128 * 1024;
}
