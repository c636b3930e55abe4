using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>One connection to a legacy platform. Lines are bounded; what stands behind the last line that was read goes to whoever reads on.</summary>
internal sealed class LegacyConnection(Socket socket, LegacyPlatform platform, LegacyEndpoint endpoint, Action onClosed) : IAsyncDisposable
{
    private const int MaxLine = 8192;

    private Stream _stream = new NetworkStream(socket, ownsSocket: false);
    private byte[]? _buffer = new byte[MaxLine];
    private int _start;
    private int _end;
    private int _closed;

    public LegacyPlatform Platform => platform;

    public LegacyEndpoint Endpoint => endpoint;

    /// <summary>For logs and bounces.</summary>
    public string RemoteName => $"{endpoint.Host} [{((System.Net.IPEndPoint)socket.RemoteEndPoint!).Address}]";

    public Stream Stream => _stream;

    /// <summary>The next line without its end. Throws <see cref="LegacyException"/>.</summary>
    public async ValueTask<string> ReadLineAsync(CancellationToken ct)
    {
        var buffer = _buffer!;
        while (true)
        {
            var end = buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer.AsSpan(_start, end).TrimEnd((byte)'\r'));
                _start += end + 1;
                return line;
            }

            await FillAsync(ct);
        }
    }

    /// <summary>Throws octets of the peer away: a literal that nobody wants to know.</summary>
    public async ValueTask SkipAsync(int octets, CancellationToken ct)
    {
        while (octets > 0)
        {
            if (_start == _end)
            {
                await FillAsync(ct);
            }

            var part = Math.Min(octets, _end - _start);
            _start += part;
            octets -= part;
        }
    }

    public async ValueTask SendAsync(string text, CancellationToken ct)
    {
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
            await _stream.FlushAsync(ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw LegacyException.Unavailable("The connection was lost.", e);
        }
    }

    /// <summary>What was read ahead and not used; empty afterwards, and no line can be read any more.</summary>
    public ReadOnlyMemory<byte> TakeRest()
    {
        var rest = _buffer.AsMemory(_start, _end - _start);
        _buffer = null;
        return rest;
    }

    /// <summary>
    /// TLS from here on. Octets that came behind the answer to STARTTLS were sent in clear, by whoever: they would be taken for the platform's
    /// word, so they end it (response injection).
    /// </summary>
    public async Task StartTlsAsync(CancellationToken ct)
    {
        if (_start < _end)
        {
            throw LegacyException.Unavailable("More than the answer to STARTTLS came in clear.");
        }

        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = endpoint.Host,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors),
            }, ct);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            await tls.DisposeAsync();
            throw LegacyException.Unavailable($"TLS failed: {e.Message}", e);
        }

        _stream = tls;
    }

    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            // Cut first: TLS would like to say good-bye to a peer that may not listen.
            socket.Close(0);
            await _stream.DisposeAsync();
            onClosed();
        }
    }

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (platform.CertificateSha256 is { } pin)
        {
            return certificate is not null
                && CryptographicOperations.FixedTimeEquals(SHA256.HashData(certificate.GetRawCertData()), Convert.FromHexString(pin));
        }

        return errors == SslPolicyErrors.None || !platform.VerifyCertificate;
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        var buffer = _buffer!;
        if (_start > 0)
        {
            buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == buffer.Length)
        {
            throw LegacyException.Unavailable("It sends lines without end.");
        }

        int n;
        try
        {
            n = await _stream.ReadAsync(buffer.AsMemory(_end), ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw LegacyException.Unavailable("The connection was lost.", e);
        }

        _end += n > 0 ? n : throw LegacyException.Unavailable("It closed the connection.");
    }
}
