using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace SaaS.MailHost.Smtp;

/// <summary>The trace line of this hop.</summary>
/// <remarks>RFC 5321 §4.4; "with" values RFC 3848 §2, RFC 6531 §4.3; TLS clause RFC 8314 §4.3.</remarks>
internal static class ReceivedHeader
{
    public static string Write(SmtpSession session, SmtpTransaction transaction, DateTimeOffset now)
    {
        var connection = session.Connection;
        var literal = connection.RemoteAddress.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[IPv6:{connection.RemoteAddress}]"
            : $"[{connection.RemoteAddress}]";
        var header = new StringBuilder(256)
            .Append("Received: from ").Append(session.ClientName).Append(" (").Append(literal).Append(")\r\n\tby ")
            .Append(session.HostName).Append(" with ").Append(Protocol(session, transaction)).Append(" id ").Append(session.MessageName);
        if (connection.IsTls)
        {
            header.Append(CultureInfo.InvariantCulture, $"\r\n\t(version={(connection.TlsVersion == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2")} cipher={connection.TlsCipher})");
        }

        // Several recipients must not learn of each other here (RFC 5321 §7.6).
        if (transaction.Recipients is [var only])
        {
            header.Append("\r\n\tfor <").Append(only.Address).Append('>');
        }

        return header.Append(";\r\n\t").Append(now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n").ToString();
    }

    private static string Protocol(SmtpSession session, SmtpTransaction transaction)
    {
        var name = (session.Profile.Lmtp, transaction.SmtpUtf8) switch
        {
            (true, true) => "UTF8LMTP",
            (true, false) => "LMTP",
            (false, true) => "UTF8SMTP",
            (false, false) => session.Extended ? "ESMTP" : "SMTP",
        };
        return name + (session.Connection.IsTls ? "S" : "") + (session.User is not null ? "A" : "");
    }
}
