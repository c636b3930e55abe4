namespace SaaS.Api.Jmap;

/// <summary>Events 7100 to 7199. Next free: 7102.</summary>
internal static partial class JmapLog
{
    [LoggerMessage(7100, LogLevel.Error, "{Method} failed; error id {ErrorId}")]
    public static partial void MethodFailed(ILogger logger, Exception exception, string method, string errorId);

    [LoggerMessage(7101, LogLevel.Information, "Event source of account {Account} ended: {Reason}")]
    public static partial void EventSourceEnded(ILogger logger, long account, string reason);
}
