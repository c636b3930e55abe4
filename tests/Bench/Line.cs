using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SaaS.Bench;

/// <summary>A line protocol from the client's side, with as little of its own cost as can be.</summary>
internal sealed class Line : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _buffer;
    private Stream _stream = Stream.Null;
    private int _from;
    private int _to;

    private Line(int buffer) => _buffer = new byte[buffer];

    public static async Task<Line> ConnectAsync(string address, bool tls = false, int buffer = 64 * 1024)
    {
        var line = new Line(buffer);
        var colon = address.LastIndexOf(':');
        await line._tcp.ConnectAsync(address[..colon], int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture));
        line._stream = line._tcp.GetStream();
        if (tls)
        {
            var secured = new SslStream(line._stream, false, (_, _, _, _) => true);
            await secured.AuthenticateAsClientAsync("localhost");
            line._stream = secured;
        }

        return line;
    }

    public ValueTask SendAsync(string text) => _stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    public async ValueTask<string> ReadAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _from, _to - _from);
            if (end >= 0)
            {
                text.Append(Encoding.ASCII.GetString(_buffer, _from, end - _from));
                _from = end + 1;
                return text.ToString().TrimEnd('\r');
            }

            text.Append(Encoding.ASCII.GetString(_buffer, _from, _to - _from));
            (_from, _to) = (0, await _stream.ReadAsync(_buffer));
            if (_to == 0)
            {
                throw new IOException("closed");
            }
        }
    }

    /// <summary>Reads to the reply's last line, which must start with the code.</summary>
    public async Task ExpectAsync(string code)
    {
        string line;
        do
        {
            line = await ReadAsync();
        }
        while (line.Length > 3 && line[3] == '-');
        if (!line.StartsWith(code, StringComparison.Ordinal))
        {
            throw new IOException(line);
        }
    }

    /// <summary>An IMAP command to its tagged answer.</summary>
    public async Task CommandAsync(string command)
    {
        await SendAsync($"x {command}\r\n");
        await ExpectTaggedAsync();
    }

    /// <summary>Reads to the tagged answer, which must be OK. What comes before it is only looked through for it.</summary>
    public async Task ExpectTaggedAsync()
    {
        var start = true;
        while (true)
        {
            var at = TagAt(start);
            if (at >= 0)
            {
                _from = at;
                var line = await ReadAsync();
                if (!line.StartsWith("x OK", StringComparison.Ordinal))
                {
                    throw new IOException(line);
                }

                return;
            }

            // The last octets may be the beginning of it.
            start &= _to - _from < 2;
            var keep = Math.Min(_to - _from, 2);
            _buffer.AsSpan(_to - keep, keep).CopyTo(_buffer);
            var read = await _stream.ReadAsync(_buffer.AsMemory(keep));
            (_from, _to) = (0, keep + read);
            if (read == 0)
            {
                throw new IOException("closed");
            }
        }
    }

    private int TagAt(bool start)
    {
        var span = _buffer.AsSpan(_from, _to - _from);
        if (start && span.StartsWith("x "u8))
        {
            return _from;
        }

        var at = span.IndexOf("\nx "u8);
        return at < 0 ? -1 : _from + at + 1;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _tcp.Dispose();
    }
}
