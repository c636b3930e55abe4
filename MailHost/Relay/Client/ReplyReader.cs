using System.Globalization;
using System.Text;

namespace SaaS.MailHost.Relay.Client;

/// <summary>Reads replies from a stream, bounded in line length, lines and octets.</summary>
/// <remarks>RFC 5321 §4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF</remarks>
internal sealed class ReplyReader(Stream stream)
{
    private const int MaxLine = 4096;
    private const int MaxLines = 200;

    private readonly byte[] _buffer = new byte[MaxLine];
    private int _start;
    private int _end;

    /// <summary>True where bytes came that nobody asked for yet.</summary>
    public bool HasBuffered => _start < _end;

    public async ValueTask<RemoteReply> ReadAsync(CancellationToken ct)
    {
        var lines = new List<string>();
        int? code = null;
        while (true)
        {
            var line = await ReadLineAsync(ct);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 200 or > 599 || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw new RemoteConnectionException("The remote server does not speak SMTP.");
            }

            if (code is { } first && first != number)
            {
                throw new RemoteConnectionException("The remote server's reply has two codes.");
            }

            code = number;
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                var text = string.Join(' ', lines);
                return new RemoteReply(number, text.Length > 1000 ? text[..1000] : text, lines);
            }

            if (lines.Count >= MaxLines)
            {
                throw new RemoteConnectionException("The remote server's reply does not end.");
            }
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = _buffer.AsSpan(_start, end);
                _start += end + 1;
                return Clean(line.TrimEnd((byte)'\r'));
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            if (_end == _buffer.Length)
            {
                throw new RemoteConnectionException("The remote server's reply line is too long.");
            }

            var n = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
            if (n == 0)
            {
                throw new RemoteConnectionException("The remote server closed the connection.");
            }

            _end += n;
        }
    }

    private static string Clean(ReadOnlySpan<byte> line) =>
        new(Array.ConvertAll(Encoding.UTF8.GetString(line).ToCharArray(), c => char.IsControl(c) ? ' ' : c));
}
