using System.Net;

namespace SaaS.MailHost.Net;

// 100s; next free id: 106
internal static partial class NetLog
{
    [LoggerMessage(100, LogLevel.Information, "{Name} listens on {EndPoint}{Tls}")]
    public static partial void Listens(this ILogger log, string name, string endPoint, string tls);

    [LoggerMessage(101, LogLevel.Information, "{Connection} {Protocol}: too many connections from {Address}")]
    public static partial void TooMany(this ILogger log, string connection, string protocol, IPAddress address);

    [LoggerMessage(102, LogLevel.Debug, "{Connection} {Protocol}: TLS handshake with {Address} failed: {Reason}")]
    public static partial void HandshakeFailed(this ILogger log, string connection, string protocol, IPAddress address, string reason);

    [LoggerMessage(103, LogLevel.Error, "{Connection} {Protocol}: session of {Address} ended by a fault")]
    public static partial void SessionFault(this ILogger log, Exception fault, string connection, string protocol, IPAddress address);

    [LoggerMessage(104, LogLevel.Information, "Certificate loaded from {Path}: {Subject}, until {NotAfter}")]
    public static partial void CertificateLoaded(this ILogger log, string path, string subject, DateTime notAfter);

    [LoggerMessage(105, LogLevel.Error, "Certificate at {Path} cannot be loaded; the one before stays in use")]
    public static partial void CertificateUnreadable(this ILogger log, Exception fault, string path);
}
