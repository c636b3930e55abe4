using System.Buffers;

namespace SaaS.MailHost.Net;

internal enum LineStatus
{
    /// <summary>A whole line was taken.</summary>
    Line,
    /// <summary>No line end yet, and the limit is not reached: read more.</summary>
    Incomplete,
    /// <summary>Longer than the limit, whole or not.</summary>
    TooLong,
    /// <summary>Ends in LF without CR, or has a CR inside: refused, since peers disagree on what it means.</summary>
    BareLineEnd,
}

/// <summary>Takes CRLF lines off a buffer; keeps no state, so that a waiting connection holds nothing.</summary>
internal static class LineReader
{
    /// <param name="buffer">Moved behind the line on Line and BareLineEnd; also on TooLong where the line's end was in it.</param>
    /// <param name="limit">Octets of a line, CRLF included.</param>
    /// <param name="line">Without CRLF.</param>
    public static LineStatus TryRead(ref ReadOnlySequence<byte> buffer, int limit, out ReadOnlySequence<byte> line)
    {
        line = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> found, (byte)'\n', advancePastDelimiter: true))
        {
            return buffer.Length >= limit ? LineStatus.TooLong : LineStatus.Incomplete;
        }

        buffer = buffer.Slice(reader.Position);
        if (reader.Consumed > limit)
        {
            return LineStatus.TooLong;
        }

        if (found.IsEmpty || found.PositionOf((byte)'\r') is not { } cr || found.Slice(cr).Length != 1)
        {
            return LineStatus.BareLineEnd;
        }

        line = found.Slice(0, found.Length - 1);
        return LineStatus.Line;
    }
}
