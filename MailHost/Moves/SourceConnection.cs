using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Options;
using SaaS.Domain.Dns;
using SaaS.Domain.Keys;
using SaaS.Domain.Moves;

namespace SaaS.MailHost.Moves;

/// <summary>Signed in at a source.</summary>
internal sealed record SourceConnection(ImapClient Client, SourceStream Wire, Pace Messages) : IDisposable
{
    public void Dispose() => Client.Dispose();
}

/// <summary>Connects to sources: only to addresses that were looked at, with the password that is stored for the move.</summary>
internal sealed class SourceConnections(IDnsResolver dns, KeyProtection protection, IOptions<MoveOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    public async Task<SourceConnection> OpenAsync(MoveLease move, CancellationToken ct)
    {
        var o = options.Value;
        var addresses = await AddressesAsync(move.Host, o, ct);
        var wire = new SourceStream(
            await ConnectAsync(addresses, move.Port, ct), new Pace(Least(move.BytesPerSecond, o.BytesPerSecond), clock), o.Silence, clock);
        var client = new ImapClient { CheckCertificateRevocation = false };
        try
        {
            if (move.AnyCertificate)
            {
                client.ServerCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || move.AnyCertificate;
            }

            await client.ConnectAsync(wire, move.Host, move.Port, move.Tls switch
            {
                SourceTls.Implicit => SecureSocketOptions.SslOnConnect,
                SourceTls.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, ct);
            await SignInAsync(client, move, ct);
            return new SourceConnection(client, wire, new Pace(Least(move.MessagesPerSecond, o.MessagesPerSecond), clock));
        }
        catch (Exception e)
        {
            client.Dispose();
            await wire.DisposeAsync();
            throw e switch
            {
                SslHandshakeException => new MoveFailedException("The source's certificate is not trusted, or it speaks no TLS on this port.", e),
                NotSupportedException => new MoveFailedException("The source offers no STARTTLS on this port.", e),
                AuthenticationException => new MoveFailedException($"The source does not let {move.MasterUser ?? move.UserName} in: {Short(e.Message)}", e),
                _ => e,
            };
        }
    }

    internal static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static long Least(long wanted, long allowed) => wanted == 0 ? allowed : Math.Min(wanted, allowed);

    private async Task SignInAsync(ImapClient client, MoveLease move, CancellationToken ct)
    {
        string password;
        try
        {
            password = protection.Decrypt(MoveService.SecretRow(move.Account, move.Host, move.UserName), move.Secret!);
        }
        catch (Exception e) when (e is InvalidOperationException or System.Security.Cryptography.CryptographicException)
        {
            throw new MoveFailedException("The node cannot read the move's password: its role jobs needs the key file of Api (KeyProtection:File).", e);
        }

        if (move.MasterUser is not { } master)
        {
            client.AuthenticationMechanisms.Remove("NTLM");
            await client.AuthenticateAsync(Encoding.UTF8, move.UserName, password, ct);
            return;
        }

        if (!client.AuthenticationMechanisms.Contains("PLAIN"))
        {
            throw new MoveFailedException("The source offers no PLAIN sign-in, which a master user needs.");
        }

        // The master user signs in, the user's mail is read   RFC 4616 §2
        await client.AuthenticateAsync(new SaslMechanismPlain(Encoding.UTF8, master, password) { AuthorizationId = move.UserName }, ct);
    }

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, MoveOptions o, CancellationToken ct)
    {
        var answer = await dns.AddressesAsync(host, ct);
        if (answer.Status == DnsStatus.TemporaryError)
        {
            throw new IOException("DNS does not answer for the source's host.");
        }

        if (answer.Records.Count == 0)
        {
            throw new MoveFailedException("The source's host has no address.");
        }

        // All of them, and the very ones that are connected to: a name that leads inside by one of its addresses is refused.
        var allowed = o.Allowed;
        return answer.Records.All(a => PublicAddress.IsPublic(a) || allowed.Any(n => n.Contains(a)))
            ? answer.Records
            : throw new MoveFailedException("The source's host has an address that is not public. An operator can allow its network (Moves:AllowedNetworks).");
    }

    private async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(ConnectTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], port, both.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException("The source's host does not answer.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
