using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SaaS.TestKit;

/// <summary>One command that a sink got. Verb is CONNECT for the connection itself, "." for the end of the data.</summary>
public sealed record SinkCommand(int Connection, string Verb, string Line, bool Encrypted);

/// <summary>What the sink does with it. Reply null: its own answer; Close: after the reply, without a word.</summary>
public sealed record SinkAnswer(string? Reply = null, bool Close = false, bool Silent = false);

/// <summary>A message that the sink took.</summary>
public sealed record SunkMessage(int Connection, string From, IReadOnlyList<string> To, byte[] Data, bool Encrypted)
{
    public string Text => Encoding.Latin1.GetString(Data);
}

/// <summary>A remote mail server as a test wants it: polite by default, as hostile as <see cref="On"/> makes it.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly ConcurrentBag<Task> _sessions = [];
    private int _connections;

    public SmtpSink(string address, int port)
    {
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>EHLO keywords.</summary>
    public IReadOnlyList<string> Extensions { get; set; } = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 50000000"];

    /// <summary>Makes STARTTLS possible.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Sent in the same packet behind the 220 of STARTTLS.</summary>
    public string Injected { get; set; } = "";

    /// <summary>Asked before each answer; null: the polite answer.</summary>
    public Func<SinkCommand, SinkAnswer?>? On { get; set; }

    public ConcurrentQueue<SunkMessage> Messages { get; } = new();

    public ConcurrentQueue<SinkCommand> Commands { get; } = new();

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_sessions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync(_stop.Token);
            _sessions.Add(new Session(this, Interlocked.Increment(ref _connections)).RunAsync(socket, _stop.Token));
        }
    }

#pragma warning disable CA1001 // the stream goes with its socket
    private sealed class Session(SmtpSink sink, int number)
#pragma warning restore CA1001
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _start;
        private int _end;
        private Stream _stream = Stream.Null;
        private bool _encrypted;
        private string _from = "";
        private readonly List<string> _to = [];

        public async Task RunAsync(Socket socket, CancellationToken ct)
        {
            using (socket)
            {
                _stream = new NetworkStream(socket);
                if (!await AnswerAsync("CONNECT", "", "220 sink ESMTP", ct))
                {
                    return;
                }

                while (await ReadLineAsync(ct) is { } line && await CommandAsync(line, ct))
                {
                }
            }
        }

        private async Task<bool> CommandAsync(string line, CancellationToken ct)
        {
            var verb = line.Split(' ', 2)[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    IEnumerable<string> offered = sink.Certificate is not null && !_encrypted ? [.. sink.Extensions, "STARTTLS"] : sink.Extensions;
                    string[] lines = ["sink", .. offered];
                    return await AnswerAsync(verb, line, string.Join("\r\n", lines.Select((l, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{l}")), ct);
                case "MAIL":
                    _from = line;
                    _to.Clear();
                    return await AnswerAsync(verb, line, "250 2.1.0 ok", ct);
                case "RCPT":
                    var kept = true;
                    var going = await AnswerAsync(verb, line, "250 2.1.5 ok", ct, reply => kept = reply.StartsWith('2'));
                    if (kept)
                    {
                        _to.Add(line);
                    }

                    return going;
                case "DATA":
                    var granted = false;
                    var alive = await AnswerAsync(verb, line, _to.Count > 0 ? "354 go" : "503 5.5.1 no recipients", ct, reply => granted = reply.StartsWith('3'));
                    return alive && (!granted || await DataAsync(ct));
                case "BDAT":
                    return await BdatAsync(line, ct);
                case "STARTTLS" when sink.Certificate is not null:
                    if (!await AnswerAsync(verb, line, "220 go" + sink.Injected, ct))
                    {
                        return false;
                    }

                    var tls = new SslStream(_stream);
                    await tls.AuthenticateAsServerAsync(sink.Certificate);
                    _stream = tls;
                    _encrypted = true;
                    return true;
                case "QUIT":
                    await AnswerAsync(verb, line, "221 bye", ct);
                    return false;
                default:
                    return await AnswerAsync(verb, line, verb is "RSET" or "NOOP" or "HELO" ? "250 ok" : "502 5.5.1 what?", ct);
            }
        }

        private async Task<bool> DataAsync(CancellationToken ct)
        {
            var data = new MemoryStream();
            while (true)
            {
                if (await ReadLineAsync(ct) is not { } line)
                {
                    return false;
                }

                if (line == ".")
                {
                    return await TakeAsync(data.ToArray(), ct);
                }

                data.Write(Encoding.Latin1.GetBytes((line.StartsWith('.') ? line[1..] : line) + "\r\n"));
            }
        }

        private async Task<bool> BdatAsync(string line, CancellationToken ct)
        {
            sink.Commands.Enqueue(new SinkCommand(number, "BDAT", line, _encrypted));
            var data = new byte[int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)];
            for (var i = 0; i < data.Length; i++)
            {
                if (_start == _end && !await FillAsync(ct))
                {
                    return false;
                }

                data[i] = _buffer[_start++];
            }

            return await TakeAsync(data, ct);
        }

        private async Task<bool> TakeAsync(byte[] data, CancellationToken ct)
        {
            var taken = true;
            var message = new SunkMessage(number, _from, [.. _to], data, _encrypted);
            return await AnswerAsync(".", "", "250 2.0.0 taken", ct, reply =>
            {
                taken = reply.StartsWith('2');
                if (taken)
                {
                    sink.Messages.Enqueue(message);
                }
            });
        }

        private async Task<bool> AnswerAsync(string verb, string line, string reply, CancellationToken ct, Action<string>? chosen = null)
        {
            var command = new SinkCommand(number, verb, line, _encrypted);
            sink.Commands.Enqueue(command);
            var answer = sink.On?.Invoke(command);
            reply = answer?.Reply ?? reply;
            if (answer is { Close: true, Reply: null })
            {
                return false;
            }

            if (answer?.Silent == true)
            {
                await Task.Delay(Timeout.Infinite, ct);
            }

            chosen?.Invoke(reply);
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(reply + "\r\n"), ct);
            return answer?.Close != true;
        }

        private async Task<string?> ReadLineAsync(CancellationToken ct)
        {
            var line = new List<byte>();
            while (true)
            {
                if (_start == _end && !await FillAsync(ct))
                {
                    return null;
                }

                var b = _buffer[_start++];
                if (b == '\n' && line.Count > 0 && line[^1] == '\r')
                {
                    return Encoding.Latin1.GetString([.. line[..^1]]);
                }

                line.Add(b);
            }
        }

        private async Task<bool> FillAsync(CancellationToken ct)
        {
            _start = 0;
            try
            {
                _end = await _stream.ReadAsync(_buffer, ct);
            }
            catch (IOException)
            {
                _end = 0;
            }

            return _end > 0;
        }
    }
}
