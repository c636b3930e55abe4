namespace SaaS.MailHost.Jobs;

/// <summary>Event ids 4000-4099; next free: 4003.</summary>
internal static partial class JobsLog
{
    [LoggerMessage(4000, LogLevel.Debug, "Collected {Count} {What}")]
    public static partial void Collected(this ILogger log, string what, int count);

    [LoggerMessage(4001, LogLevel.Information, "{Domain}: proven by its TXT record")]
    public static partial void DomainProven(this ILogger log, string domain);

    [LoggerMessage(4002, LogLevel.Information, "Looked at DNS for {Count} domain(s) that wait for their records")]
    public static partial void DomainsChecked(this ILogger log, int count);
}
