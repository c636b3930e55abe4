using System.Net;

namespace SaaS.MailHost.Pop3;

/// <summary>POP3 2100-2199. Next free: 2104.</summary>
internal static partial class Pop3Log
{
    [LoggerMessage(2100, LogLevel.Information, "{Connection} pop3: {Login} signed in from {Address}")]
    public static partial void SignedIn(this ILogger log, string connection, string login, IPAddress address);

    [LoggerMessage(2101, LogLevel.Information, "{Connection} pop3: login refused from {Address}: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string connection, IPAddress address, string reason);

    [LoggerMessage(2102, LogLevel.Error, "{Connection} pop3: {Command} failed, error {ErrorId}")]
    public static partial void Fault(this ILogger log, Exception exception, string connection, string command, string errorId);

    [LoggerMessage(2103, LogLevel.Warning, "{Connection} pop3: from {Address} pipelined data behind STLS: cut")]
    public static partial void Injection(this ILogger log, string connection, IPAddress address);
}
