using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SaaS.MailHost.Net;

/// <summary>
/// One client: its two pipes, before and after TLS. Kept tiny, since thousands of these idle: while a read waits no buffer is rented,
/// here, in TLS or in the socket, and there is no timer of its own.
/// </summary>
/// <remarks>A deadline or a drain cancels the pending read: the session sees <see cref="ReadResult.IsCanceled"/>, looks at
/// <see cref="TimedOut"/> and <see cref="Draining"/>, says its last line and returns.</remarks>
internal sealed class ClientConnection : IDisposable
{
    private static readonly StreamPipeReaderOptions TlsReader = new(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions TlsWriter = new(minimumBufferSize: 4096, leaveOpen: true);

    private readonly ConnectionContext _context;
    private readonly ConnectionFrame _frame;
    private readonly CancellationTokenRegistration _drain;
    private SslStream? _tls;

    internal ClientConnection(ConnectionContext context, ConnectionFrame frame, IPAddress address)
    {
        _context = context;
        _frame = frame;
        RemoteAddress = address;
        Input = context.Transport.Input;
        Output = context.Transport.Output;
        frame.Deadlines.Add(this);
        if (context.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _drain = lifetime.ConnectionClosedRequested.UnsafeRegister(static state => ((ClientConnection)state!).OnDrain(), this);
        }
    }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>IPv4 where it came mapped into IPv6.</summary>
    public IPAddress RemoteAddress { get; }

    /// <summary>0 where it is not known.</summary>
    public int RemotePort => (_context.RemoteEndPoint as IPEndPoint)?.Port ?? 0;

    public EndPoint? LocalEndPoint => _context.LocalEndPoint;

    /// <summary>On every log line of this connection.</summary>
    public string Id => _context.ConnectionId;

    public bool IsTls => _tls is not null;

    public SslProtocols TlsVersion => _tls?.SslProtocol ?? SslProtocols.None;

    /// <summary>What the connection can be bound to: a hash of our certificate (RFC 5929 §4.1); null without TLS.</summary>
    public byte[]? ServerEndPoint => _tls?.LocalCertificate is X509Certificate2 own ? HashOf(own) : null;

    public TlsCipherSuite TlsCipher => _tls?.NegotiatedCipherSuite ?? default;

    /// <summary>The deadline passed.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>The process wants to stop: finish what is half done, then say good-bye.</summary>
    public bool Draining { get; private set; }

    /// <summary>The connection is gone.</summary>
    public CancellationToken Closed => _context.ConnectionClosed;

    // Both belong to ConnectionDeadlines.
    internal ClientConnection? Previous { get; set; }

    internal ClientConnection? Next { get; set; }

    internal long DeadlineAt { get; set; } = long.MaxValue;

    /// <summary>The peer must make progress within this time: <see cref="TimedOut"/> and a cancelled read otherwise, and if that does not
    /// end the session within ten seconds the connection is cut. Costs one store: call it before every wait.</summary>
    public void SetDeadline(TimeSpan fromNow) => _frame.Deadlines.Set(this, fromNow);

    public void ClearDeadline() => DeadlineAt = long.MaxValue;

    /// <summary>
    /// TLS from here on, over the same pipes. The caller has flushed its go-ahead and read nothing beyond the command: bytes that the client
    /// pipelined behind STARTTLS end the connection (RFC 3207 §4.2; command injection), which the caller checks with <see cref="HasBufferedInput"/>.
    /// Throws AuthenticationException or IOException where the handshake fails.
    /// </summary>
    public async Task UpgradeToTlsAsync(CancellationToken ct)
    {
        SetDeadline(_frame.Tls.HandshakeTimeout);
        var tls = new SslStream(new DuplexPipeStream(Input, Output), leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync(_frame.Certificates.ServerOptions(), ct);
        }
        catch
        {
            _frame.Metrics.HandshakeFailed();
            await tls.DisposeAsync();
            throw;
        }

        _tls = tls;
        Input = PipeReader.Create(tls, TlsReader);
        Output = PipeWriter.Create(tls, TlsWriter);
        ClearDeadline();
    }

    /// <summary>True where something is in the pipe that nobody has read yet.</summary>
    public bool HasBufferedInput()
    {
        if (!Input.TryRead(out var result))
        {
            return false;
        }

        Input.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }

    public void Abort() => _context.Abort();

    // The hash of its own signature, but SHA-256 for MD5 and SHA-1; one without a hash of its own (Ed25519) has no such binding.
    private static byte[]? HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        "1.3.101.112" or "1.3.101.113" or "1.2.840.113549.1.1.10" => null,
        _ => SHA256.HashData(certificate.RawData),
    };

    internal void OnDeadline()
    {
        if (TimedOut)
        {
            Abort();
            return;
        }

        TimedOut = true;
        SetDeadline(TimeSpan.FromSeconds(10));
        Input.CancelPendingRead();
    }

    private void OnDrain()
    {
        Draining = true;
        Input.CancelPendingRead();
    }

    public void Dispose()
    {
        _drain.Unregister();
        _frame.Deadlines.Remove(this);
        _tls?.Dispose();
    }

    /// <summary>Sends close_notify where TLS is on: a client can tell the end from a cut.</summary>
    internal async ValueTask CloseAsync()
    {
        if (_tls is not null)
        {
            await Output.CompleteAsync();
            await _tls.ShutdownAsync();
        }
    }
}
