using System.Net;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Front door 2300-2399. Next free: 2305.</summary>
internal static partial class AccessProxyLog
{
    [LoggerMessage(2300, LogLevel.Information, "{Connection} {Protocol}: {Login} from {Address} is passed on to {Platform} ({Host})")]
    public static partial void PassedOn(this ILogger log, string connection, string protocol, string login, IPAddress address, string platform, string host);

    [LoggerMessage(2301, LogLevel.Information, "{Connection} {Protocol}: {Platform} refuses {Login} from {Address}: {Reason}")]
    public static partial void RefusedThere(this ILogger log, string connection, string protocol, string platform, string login, IPAddress address, string reason);

    [LoggerMessage(2302, LogLevel.Warning, "{Connection} {Protocol}: {Platform} cannot be used for {Login}: {Reason}")]
    public static partial void Unavailable(this ILogger log, string connection, string protocol, string platform, string login, string reason);

    [LoggerMessage(2303, LogLevel.Information, "{Connection} {Protocol}: {Login} at {Platform} ended, {Up} octets up, {Down} down")]
    public static partial void Ended(this ILogger log, string connection, string protocol, string login, string platform, long up, long down);

    [LoggerMessage(2304, LogLevel.Information, "{Connection}: the password of {Login} was captured from {Platform}")]
    public static partial void Captured(this ILogger log, string connection, string login, string platform);
}
