using System.Net;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Imap;

/// <summary>IMAP 2000-2099. Next free: 2007.</summary>
internal static partial class ImapLog
{
    [LoggerMessage(2000, LogLevel.Information, "{Connection} imap: {Login} signed in from {Address}")]
    public static partial void SignedIn(this ILogger log, string connection, string login, IPAddress address);

    [LoggerMessage(2001, LogLevel.Information, "{Connection} imap: login refused from {Address}: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string connection, IPAddress address, string reason);

    [LoggerMessage(2002, LogLevel.Error, "{Connection} imap: {Command} failed, error {ErrorId}")]
    public static partial void Fault(this ILogger log, Exception exception, string connection, string command, string errorId);

    [LoggerMessage(2003, LogLevel.Debug, "{Connection} imap: {Command} makes no sense: {Reason}")]
    public static partial void Bad(this ILogger log, string connection, string command, string reason);

    [LoggerMessage(2004, LogLevel.Information, "{Connection} imap: ended: {Reason}")]
    public static partial void Ended(this ILogger log, string connection, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "{Connection} imap: from {Address} pipelined data behind STARTTLS: cut")]
    public static partial void Injection(this ILogger log, string connection, IPAddress address);

    [LoggerMessage(2006, LogLevel.Information, "{Connection} imap: mailbox {Mailbox} of account {Account}: rights of {Who}: {Change} {Rights}")]
    public static partial void Shared(this ILogger log, string connection, long account, long mailbox, string who, string rights, RightsChange change);
}
