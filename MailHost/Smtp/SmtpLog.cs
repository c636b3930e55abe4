using System.Net;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Smtp;

// 1000s; next free id: 1009
internal static partial class SmtpLog
{
    [LoggerMessage(1000, LogLevel.Debug, "{Session} {Role}: connection from {Address}")]
    public static partial void Connected(this ILogger log, string session, string role, IPAddress address);

    [LoggerMessage(1001, LogLevel.Information, "{Id} {Role}: accepted from <{Sender}> for {Recipients} recipient(s), {Size} octets, client {Address}")]
    public static partial void Accepted(this ILogger log, string id, string role, MailAddress? sender, int recipients, long size, IPAddress address);

    [LoggerMessage(1002, LogLevel.Information, "{Session} {Role}: recipient <{Recipient}> of {Address} refused: {Reason}")]
    public static partial void RecipientRefused(
        this ILogger log, string session, string role, MailAddress recipient, IPAddress address, RefusalReason reason);

    [LoggerMessage(1003, LogLevel.Information, "{Session} {Role}: message from <{Sender}> of {Address} refused: {Reply}")]
    public static partial void MessageRefused(this ILogger log, string session, string role, MailAddress? sender, IPAddress address, string reply);

    [LoggerMessage(1004, LogLevel.Information, "{Session} {Role}: signed in as {Login} from {Address}")]
    public static partial void SignedIn(this ILogger log, string session, string role, string login, IPAddress address);

    [LoggerMessage(1005, LogLevel.Information, "{Session} {Role}: AUTH from {Address} failed: {Reply}")]
    public static partial void AuthFailed(this ILogger log, string session, string role, IPAddress address, string reply);

    [LoggerMessage(1006, LogLevel.Error, "{Session} {Role}: fault {FaultId} in {Verb}")]
    public static partial void Fault(this ILogger log, Exception fault, string session, string role, string faultId, string verb);

    [LoggerMessage(1007, LogLevel.Information, "{Session} {Role}: {Address} closed out: {Reply}")]
    public static partial void ClosedOut(this ILogger log, string session, string role, IPAddress address, string reply);

    [LoggerMessage(1008, LogLevel.Error, "{Session} {Role}: the spool cannot be written")]
    public static partial void SpoolFailed(this ILogger log, Exception fault, string session, string role);
}
