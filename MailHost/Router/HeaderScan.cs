using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Router;

/// <summary>The few header facts that the envelope side needs, from the first 256 KB of a message.</summary>
internal sealed record HeaderScan(int Received, string? MessageId, string? Subject)
{
    private const int Limit = MessageBytes.MemoryThreshold;

    public static async Task<HeaderScan> ReadAsync(MessageBytes message, CancellationToken ct)
    {
        if (message.Memory is { } memory)
        {
            return Read(memory.Span);
        }

        var start = new byte[Limit];
        await using var stream = message.OpenRead();
        var n = await stream.ReadAtLeastAsync(start, Limit, throwOnEndOfStream: false, ct);
        return Read(start.AsSpan(0, n));
    }

    public static HeaderScan Read(ReadOnlySpan<byte> message)
    {
        var received = 0;
        string? id = null, subject = null;
        while (!message.IsEmpty)
        {
            var end = message.IndexOf("\r\n"u8);
            if (end == 0)
            {
                break;
            }

            var line = end < 0 ? message : message[..end];
            var folded = line;
            var rest = end < 0 ? [] : message[(end + 2)..];
            var whole = message;
            while (!rest.IsEmpty && rest[0] is (byte)' ' or (byte)'\t')
            {
                var next = rest.IndexOf("\r\n"u8);
                rest = next < 0 ? [] : rest[(next + 2)..];
                folded = whole[..(whole.Length - rest.Length)];
            }

            if (Is(line, "received:"u8))
            {
                received++;
            }
            else if (id is null && Is(line, "message-id:"u8))
            {
                id = Text(folded[11..]);
            }
            else if (subject is null && Is(line, "subject:"u8))
            {
                subject = Decode(folded[8..]);
            }

            message = rest;
        }

        return new HeaderScan(received, id, subject);
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    private static string Text(ReadOnlySpan<byte> value) =>
        Encoding.UTF8.GetString(value[..Math.Min(value.Length, 1000)]).ReplaceLineEndings("").Trim();

    private static string Decode(ReadOnlySpan<byte> value) =>
        MimeKit.Utils.Rfc2047.DecodeText(value[..Math.Min(value.Length, 4000)].ToArray()).ReplaceLineEndings("").Trim();
}
