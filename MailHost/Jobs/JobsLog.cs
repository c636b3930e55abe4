namespace SaaS.MailHost.Jobs;

/// <summary>Event ids 4000-4099; next free: 4001.</summary>
internal static partial class JobsLog
{
    [LoggerMessage(4000, LogLevel.Debug, "Collected {Count} {What}")]
    public static partial void Collected(this ILogger log, string what, int count);
}
