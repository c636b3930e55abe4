using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace SaaS.MailHost.Relay.Client;

/// <summary>A connection to one remote server, greeted and (where the server can) encrypted. One transaction at a time.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly Socket _socket;
    private Stream _stream;
    private ReplyReader _reader;
    private readonly HashSet<string> _extensions = new(StringComparer.OrdinalIgnoreCase);

    private SmtpConnection(RelayTarget target, Socket socket, RelayOptions options, TimeProvider clock)
    {
        Target = target;
        _socket = socket;
        _options = options;
        _clock = clock;
        _stream = Stream.Null;
        _reader = new ReplyReader(_stream);
    }

    public RelayTarget Target { get; }

    /// <summary>"host [address]".</summary>
    public string RemoteName => $"{Target.Host} [{Target.Address}]";

    public bool Encrypted { get; private set; }

    public int Messages { get; set; }

    public long IdleSince { get; set; }

    /// <summary>No further transaction is possible.</summary>
    public bool Broken { get; set; }

    /// <summary>Octets that the server takes at most; null: it did not say.</summary>
    public long? MaxSize { get; private set; }

    public bool Offers(string extension) => _extensions.Contains(extension);

    /// <summary>Connects, greets and encrypts. Throws <see cref="RemoteConnectionException"/>, or <see cref="RefusedByRemoteException"/>.</summary>
    public static async Task<SmtpConnection> OpenAsync(
        RelayTarget target, bool encrypt, RelayOptions options, TimeProvider clock, CancellationToken ct)
    {
        var socket = new Socket(target.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = new SmtpConnection(target, socket, options, clock);
        try
        {
            await connection.TimedAsync(options.ConnectTimeout, async t => await socket.ConnectAsync(new IPEndPoint(target.Address, target.Port), t), ct);
            connection._stream = new NetworkStream(socket, ownsSocket: false);
            connection._reader = new ReplyReader(connection._stream);
            await connection.GreetAsync(encrypt, ct);
            return connection;
        }
        catch
        {
            connection.Broken = true;
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends command lines in one write, each ending in CRLF.</summary>
    public Task SendAsync(string commands, CancellationToken ct) => WriteAsync(Encoding.UTF8.GetBytes(commands), ct);

    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) =>
        TimedAsync(_options.BlockTimeout, async t => await _stream.WriteAsync(bytes, t), ct);

    public Task FlushAsync(CancellationToken ct) => TimedAsync(_options.BlockTimeout, async t => await _stream.FlushAsync(t), ct);

    public async Task<RemoteReply> ReadAsync(TimeSpan timeout, CancellationToken ct)
    {
        RemoteReply? reply = null;
        await TimedAsync(timeout, async t => reply = await _reader.ReadAsync(t), ct);
        if (reply!.Code == 421)
        {
            Broken = true;
        }

        return reply;
    }

    /// <summary>Says good-bye where that is polite and does not take long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Broken)
        {
            Broken = true;
            try
            {
                await TimedAsync(TimeSpan.FromSeconds(2), async t =>
                {
                    await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), t);
                    await _reader.ReadAsync(t);
                }, CancellationToken.None);
            }
            catch (RemoteConnectionException)
            {
                // Gone already.
            }
        }

        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task GreetAsync(bool encrypt, CancellationToken ct)
    {
        var greeting = await ReadAsync(_options.GreetingTimeout, ct);
        if (greeting.Code != 220)
        {
            throw new RefusedByRemoteException(greeting);
        }

        await HelloAsync(ct);
        if (!encrypt || !Offers("STARTTLS"))
        {
            return;
        }

        await SendAsync("STARTTLS\r\n", ct);
        var reply = await ReadAsync(_options.CommandTimeout, ct);
        if (reply.Code != 220)
        {
            return;
        }

        // What stands behind the 220 was sent in the clear and would be taken for the encrypted server's word (response injection).
        if (_reader.HasBuffered)
        {
            throw new RemoteConnectionException("The remote server sent more than its STARTTLS reply.");
        }

        // Opportunistic (RFC 7435): any certificate is better than none, since without TLS the mail would go in the clear.
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        try
        {
            await TimedAsync(_options.CommandTimeout, async t => await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = Target.Host.TrimStart('[').TrimEnd(']'),
#pragma warning disable CA5359
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            }, t), ct);
        }
        catch (RemoteConnectionException e)
        {
            throw new TlsFailedException(e.Message, e);
        }

        _stream = tls;
        _reader = new ReplyReader(tls);
        Encrypted = true;
        await HelloAsync(ct);
    }

    private async Task HelloAsync(CancellationToken ct)
    {
        _extensions.Clear();
        MaxSize = null;
        await SendAsync($"EHLO {_options.HostName}\r\n", ct);
        var reply = await ReadAsync(_options.CommandTimeout, ct);
        if (reply.Code != 250)
        {
            if (Broken)
            {
                throw new RefusedByRemoteException(reply);
            }

            // RFC 5321 §3.2: a server that does not know EHLO
            await SendAsync($"HELO {_options.HostName}\r\n", ct);
            reply = await ReadAsync(_options.CommandTimeout, ct);
            if (reply.Code != 250)
            {
                throw new RefusedByRemoteException(reply);
            }

            return;
        }

        foreach (var line in reply.Lines.Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                _extensions.Add(words[0]);
                if (words.Length > 1 && words[0].Equals("SIZE", StringComparison.OrdinalIgnoreCase)
                    && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0)
                {
                    MaxSize = size;
                }
            }
        }
    }

    private async Task TimedAsync(TimeSpan timeout, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await work(both.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            Broken = true;
            throw new RemoteConnectionException("The remote server took too long.");
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidOperationException)
        {
            Broken = true;
            throw new RemoteConnectionException(e is AuthenticationException
                ? "The TLS handshake failed."
                : $"The connection failed: {(e.GetBaseException() as SocketException)?.SocketErrorCode.ToString() ?? "lost"}.", e);
        }
        catch (RemoteConnectionException)
        {
            Broken = true;
            throw;
        }
    }
}

/// <summary>The server said no before any message was named.</summary>
internal sealed class RefusedByRemoteException(RemoteReply reply) : Exception(reply.ToString())
{
    public RemoteReply Reply => reply;
}

/// <summary>STARTTLS was agreed and came to nothing: the host may be tried without.</summary>
internal sealed class TlsFailedException(string message, Exception inner) : Exception(message, inner);
