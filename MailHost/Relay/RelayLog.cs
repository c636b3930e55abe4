using SaaS.Domain.Queue;

namespace SaaS.MailHost.Relay;

/// <summary>Events 3100 to 3199. Next free id: 3106.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(3101, LogLevel.Information,
        "Queue message {Message} recipient {Recipient} to {Destination} at {Remote}: {Result}: {Reply}")]
    public static partial void Attempted(
        ILogger log, long message, long recipient, string destination, string remote, AttemptResult result, string reply);

    [LoggerMessage(3102, LogLevel.Error, "The relay failed; it goes on in a second")]
    public static partial void Fault(ILogger log, Exception e);

    [LoggerMessage(3103, LogLevel.Error, "The sender for {Destination} failed; its messages are tried again")]
    public static partial void DestinationFault(ILogger log, Exception e, string destination);

    [LoggerMessage(3104, LogLevel.Warning, "The result of queue message {Message} cannot be recorded yet")]
    public static partial void SettleFault(ILogger log, Exception e, long message);

    [LoggerMessage(3105, LogLevel.Warning, "{Count} queue recipients were taken back from a node that died")]
    public static partial void TakenBack(ILogger log, int count);
}
