using System.Net;
using System.Net.Security;
using System.Text;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Tests.Transcripts;

/// <summary>A client whose other end is one of our servers in this process, over two pipes: no socket, no Kestrel.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Stream _plain;
    private readonly DefaultConnectionContext _context;
    private readonly IDuplexPipe _ours;
    private readonly Task _served;
    private readonly byte[] _buffer = new byte[8192];
    private Stream _stream;
    private int _start;
    private int _end;

    private TestClient(DefaultConnectionContext context, IDuplexPipe ours, Task served)
    {
        (_context, _ours, _served) = (context, ours, served);
        _stream = _plain = new DuplexPipeStream(ours.Input, ours.Output);
    }

    public static async Task<TestClient> ConnectAsync(
        ConnectionFrame frame, IConnectionServer server, bool implicitTls = false, string address = "192.0.2.7")
    {
        var (theirs, ours) = Pair();
        var context = new DefaultConnectionContext(Guid.NewGuid().ToString("n")[..8], theirs, ours)
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 40000),
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
        };
        var served = Task.Run(async () =>
        {
            await frame.RunAsync(context, server, implicitTls);
            await theirs.Output.CompleteAsync();
            await theirs.Input.CompleteAsync();
        });
        var client = new TestClient(context, ours, served);
        if (implicitTls)
        {
            await client.StartTlsAsync();
        }

        return client;
    }

    /// <summary>Done when the server has returned from the connection.</summary>
    public Task Served => _served;

    public bool IsTls => _stream is SslStream;

    /// <summary>What SCRAM binds to: a hash of the server's certificate, which is signed with SHA-256.</summary>
    public byte[] ServerEndPoint() =>
        System.Security.Cryptography.SHA256.HashData(((SslStream)_stream).RemoteCertificate!.GetRawCertData());

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
            await _stream.FlushAsync();
        }
        catch (IOException)
        {
            // The server has closed; what it said before is still to be read.
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendLineAsync(string line) => SendAsync(line + "\r\n");

    /// <summary>Null at the end of the connection.</summary>
    public async Task<string?> ReadLineAsync(Encoding? encoding = null)
    {
        var line = new List<byte>();
        while (true)
        {
            while (_start < _end)
            {
                var b = _buffer[_start++];
                if (b == '\n')
                {
                    return (encoding ?? Encoding.Latin1).GetString([.. line]).TrimEnd('\r');
                }

                line.Add(b);
            }

            (_start, _end) = (0, await ReadAsync());
            if (_end == 0)
            {
                return line.Count == 0 ? null : (encoding ?? Encoding.Latin1).GetString([.. line]);
            }
        }
    }

    /// <summary>Exactly so many octets (literals).</summary>
    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        var all = new byte[count];
        for (var have = 0; have < count;)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await ReadAsync());
                if (_end == 0)
                {
                    throw new EndOfStreamException();
                }
            }

            var take = Math.Min(count - have, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(all.AsSpan(have));
            have += take;
            _start += take;
        }

        return all;
    }

    public async Task StartTlsAsync()
    {
        var tls = new SslStream(_plain, leaveInnerStreamOpen: true, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost").WaitAsync(Patience);
        _stream = tls;
    }

    private async Task<int> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await _stream.ReadAsync(_buffer, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The server said nothing.");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static (IDuplexPipe Theirs, IDuplexPipe Ours) Pair()
    {
        var toServer = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
        var toClient = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
        return (new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer));
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    public async ValueTask DisposeAsync()
    {
        await _ours.Output.CompleteAsync();
        await _served.WaitAsync(Patience);
        await _context.DisposeAsync();
    }
}
