using System.Net;

namespace SaaS.MailHost.ManageSieve;

/// <summary>ManageSieve 2200-2299. Next free: 2205.</summary>
internal static partial class ManageSieveLog
{
    [LoggerMessage(2200, LogLevel.Information, "{Connection} sieve: {Login} signed in from {Address}")]
    public static partial void SignedIn(this ILogger log, string connection, string login, IPAddress address);

    [LoggerMessage(2201, LogLevel.Information, "{Connection} sieve: sign-in refused from {Address}: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string connection, IPAddress address, string reason);

    [LoggerMessage(2202, LogLevel.Error, "{Connection} sieve: {Command} failed, error {ErrorId}")]
    public static partial void Fault(this ILogger log, Exception exception, string connection, string command, string errorId);

    [LoggerMessage(2203, LogLevel.Warning, "{Connection} sieve: from {Address} pipelined data behind STARTTLS: cut")]
    public static partial void Injection(this ILogger log, string connection, IPAddress address);

    [LoggerMessage(2204, LogLevel.Information, "{Connection} sieve: {Login}: {Command} {Name}")]
    public static partial void Changed(this ILogger log, string connection, string login, string command, string name);
}
