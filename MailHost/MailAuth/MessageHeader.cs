using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.MailAuth;

/// <summary>A header field, octets one to one in Latin-1.</summary>
/// <param name="Name">Lower case.</param>
/// <param name="Raw">The whole field with its folds, without the final line end.</param>
/// <param name="Colon">Where the value starts is one behind it.</param>
internal sealed record MessageField(string Name, string Raw, int Colon)
{
    public string Value => Raw[(Colon + 1)..];
}

/// <summary>The header of a message as signatures see it, and where its body begins.</summary>
internal sealed class MessageHeader
{
    private const int MaxHeader = 1024 * 1024;

    private MessageHeader(IReadOnlyList<MessageField> fields, long bodyStart) => (Fields, BodyStart) = (fields, bodyStart);

    public IReadOnlyList<MessageField> Fields { get; }

    public long BodyStart { get; }

    public IEnumerable<MessageField> All(string name) => Fields.Where(f => f.Name == name);

    /// <summary>At most the first megabyte; the message has CRLF line ends only.</summary>
    public static MessageHeader Read(MessageBytes message)
    {
        if (message.Memory is { } memory)
        {
            return Read(memory.Span, message.Length);
        }

        using var stream = message.OpenRead();
        var block = new byte[MaxHeader];
        return Read(block.AsSpan(0, stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)), message.Length);
    }

    public static MessageHeader Read(ReadOnlySpan<byte> start, long length)
    {
        if (start.StartsWith("\r\n"u8))
        {
            return new MessageHeader([], 2);
        }

        var end = start.IndexOf("\r\n\r\n"u8);
        return new MessageHeader(Split(Encoding.Latin1.GetString(end < 0 ? start : start[..(end + 2)])), end < 0 ? length : end + 4);
    }

    private static List<MessageField> Split(string header)
    {
        var fields = new List<MessageField>();
        var at = 0;
        while (at < header.Length)
        {
            var end = at;
            do
            {
                end = header.IndexOf("\r\n", end, StringComparison.Ordinal);
                end = end < 0 ? header.Length : end + 2;
            }
            while (end < header.Length && header[end] is ' ' or '\t');

            var raw = header[at..end];
            raw = raw.EndsWith("\r\n", StringComparison.Ordinal) ? raw[..^2] : raw;
            var colon = raw.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields.Add(new MessageField(raw[..colon].TrimEnd(' ', '\t').ToLowerInvariant(), raw, colon));
            }

            at = end;
        }

        return fields;
    }
}
