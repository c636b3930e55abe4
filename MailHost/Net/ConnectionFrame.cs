using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace SaaS.MailHost.Net;

/// <summary>What stands around every mail connection: admission, implicit TLS, metrics, the last catch.</summary>
internal sealed class ConnectionFrame(
    ConnectionLimits limits,
    ConnectionDeadlines deadlines,
    Certificates certificates,
    ConnectionMetrics metrics,
    IOptions<TlsOptions> tls,
    ILogger<ConnectionFrame> log)
{
    internal ConnectionDeadlines Deadlines => deadlines;

    internal Certificates Certificates => certificates;

    internal ConnectionMetrics Metrics => metrics;

    internal TlsOptions Tls => tls.Value;

    public async Task RunAsync(ConnectionContext context, IConnectionServer server, bool implicitTls)
    {
        var address = (context.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var protocol = server.Protocol;
        if (!limits.TryEnter(protocol, address))
        {
            metrics.Refused(protocol);
            log.TooMany(context.ConnectionId, protocol, address);
            if (!implicitTls)
            {
                await context.Transport.Output.WriteAsync(server.TooManyConnections, context.ConnectionClosed);
            }

            return;
        }

        metrics.Opened(protocol);
        using var connection = new ClientConnection(context, this, address);
        try
        {
            if (implicitTls)
            {
                await connection.UpgradeToTlsAsync(connection.Closed);
            }

            await server.ServeAsync(connection, connection.Closed);
            await connection.CloseAsync();
        }
        catch (AuthenticationException e)
        {
            log.HandshakeFailed(connection.Id, protocol, address, e.Message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException or SocketException)
        {
            // The peer is gone, or was cut at its deadline: nobody to tell.
        }
        catch (Exception e)
        {
            log.SessionFault(e, connection.Id, protocol, address);
        }
        finally
        {
            limits.Leave(protocol, address);
            metrics.Closed(protocol);
        }
    }
}
