using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using SaaS.Domain.Dns;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>
/// Opens connections to legacy platforms: to hosts that an admin named and nowhere else, only to addresses that were looked at, so many at a time, and
/// not at all for a moment where a host was found dead.
/// </summary>
internal sealed class LegacyConnector(IDnsResolver dns, IOptions<AccessProxyOptions> options, TimeProvider clock)
{
    private const int MaxAddresses = 4;

    private static readonly byte[] ProxySignature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    private readonly ConcurrentDictionary<(string Host, int Port), HostState> _hosts = new();

    private sealed class HostState
    {
        public int Open;
        public long RestsUntil;
    }

    /// <summary>A connection with TLS where that comes first. Throws <see cref="LegacyException"/>.</summary>
    /// <param name="platform">Whose host it is.</param>
    /// <param name="endpoint">The service.</param>
    /// <param name="client">For the PROXY header; null: it is ourselves who call.</param>
    /// <param name="ct">Ends the attempt.</param>
    public async Task<LegacyConnection> OpenAsync(LegacyPlatform platform, LegacyEndpoint endpoint, ClientSide? client, CancellationToken ct)
    {
        var state = _hosts.GetOrAdd((endpoint.Host, endpoint.Port), static _ => new HostState());
        if (clock.GetUtcNow().UtcTicks < Volatile.Read(ref state.RestsUntil))
        {
            throw LegacyException.Unavailable("It could not be reached a moment ago.");
        }

        var limit = platform.MaxConnections > 0 ? platform.MaxConnections : options.Value.ConnectionsPerHost;
        if (Interlocked.Increment(ref state.Open) > limit)
        {
            Interlocked.Decrement(ref state.Open);
            throw LegacyException.Unavailable($"This node holds {limit} connections to it already.");
        }

        Socket? socket = null;
        LegacyConnection? connection = null;
        try
        {
            socket = await ConnectAsync(platform, endpoint, state, ct);
            connection = new LegacyConnection(socket, platform, endpoint, () => Interlocked.Decrement(ref state.Open));
            if (endpoint.ProxyProtocol)
            {
                await connection.Stream.WriteAsync(ProxyHeader(client), ct);
            }

            if (endpoint.Tls == LegacyTls.Implicit)
            {
                await connection.StartTlsAsync(ct);
            }

            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            else
            {
                socket?.Dispose();
                Interlocked.Decrement(ref state.Open);
            }

            if (e is IOException or SocketException)
            {
                throw LegacyException.Unavailable("The connection was lost.", e);
            }

            throw;
        }
    }

    private async Task<Socket> ConnectAsync(LegacyPlatform platform, LegacyEndpoint endpoint, HostState state, CancellationToken ct)
    {
        var why = "Its name has no address.";
        foreach (var address in await AddressesAsync(endpoint.Host, ct))
        {
            // The address that was looked at is the one that is connected to: a name that answers differently the next moment gains nothing.
            if (!platform.OperatorDefined && !PublicAddress.Is(address))
            {
                why = "Its address is not one of the internet.";
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var timer = new CancellationTokenSource(options.Value.ConnectTimeout, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), both.Token);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                why = $"{address} does not answer: {e.SocketErrorCode}.";
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                socket.Dispose();
                why = $"{address} does not answer in time.";
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        Volatile.Write(ref state.RestsUntil, (clock.GetUtcNow() + options.Value.RestAfterFailure).UtcTicks);
        throw LegacyException.Unavailable(why);
    }

    private async ValueTask<IEnumerable<IPAddress>> AddressesAsync(string host, CancellationToken ct) =>
        IPAddress.TryParse(host, out var literal) ? [literal] : (await dns.AddressesAsync(host, ct)).Records.Take(MaxAddresses);

    /// <summary>PROXY protocol, version 2: PROXY with both addresses of the client's connection, or LOCAL.</summary>
    /// <remarks>HAProxy, "The PROXY protocol", §2.2.</remarks>
    internal static byte[] ProxyHeader(ClientSide? client)
    {
        if (client is null)
        {
            return [.. ProxySignature, 0x20, 0x00, 0x00, 0x00];
        }

        var (from, to) = (client.Remote.Address, client.Local.Address);
        var v4 = from.AddressFamily == AddressFamily.InterNetwork && to.AddressFamily == AddressFamily.InterNetwork;
        if (!v4)
        {
            (from, to) = (from.MapToIPv6(), to.MapToIPv6());
        }

        var ports = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)client.Remote.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports.AsSpan(2), (ushort)client.Local.Port);
        return [.. ProxySignature, 0x21, (byte)(v4 ? 0x11 : 0x21), 0x00, (byte)(v4 ? 12 : 36), .. from.GetAddressBytes(), .. to.GetAddressBytes(), .. ports];
    }
}
