namespace SaaS.MailHost.Moves;

/// <summary>Event ids 4100-4199; next free: 4108.</summary>
internal static partial class MoveLog
{
    [LoggerMessage(4100, LogLevel.Information, "Move {Move} into {Address} from {Host} starts, try {Attempt}")]
    public static partial void Started(this ILogger log, long move, string address, string host, int attempt);

    [LoggerMessage(4101, LogLevel.Information, "Move {Move} into {Address} is done: {Copied} message(s) brought by this try")]
    public static partial void Done(this ILogger log, long move, string address, long copied);

    [LoggerMessage(4102, LogLevel.Warning, "Move {Move} into {Address} failed: {Reason}")]
    public static partial void Failed(this ILogger log, long move, string address, string reason);

    [LoggerMessage(4103, LogLevel.Information, "Move {Move} into {Address} is tried again in {Wait}: {Reason}")]
    public static partial void Postponed(this ILogger log, long move, string address, TimeSpan wait, string reason);

    [LoggerMessage(4104, LogLevel.Information, "Move {Move} into {Address} was called off")]
    public static partial void Cancelled(this ILogger log, long move, string address);

    [LoggerMessage(4105, LogLevel.Error, "Move {Move} into {Address}: a fault of ours")]
    public static partial void Fault(this ILogger log, Exception exception, long move, string address);

    [LoggerMessage(4106, LogLevel.Error, "The mover cannot look for work")]
    public static partial void Paused(this ILogger log, Exception exception);

    [LoggerMessage(4107, LogLevel.Information, "Move {Move}: message {Uid} of {Folder} stays at the source: {Reason}")]
    public static partial void Skipped(this ILogger log, long move, long uid, string folder, string reason);
}
