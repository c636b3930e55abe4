using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace SaaS.MailHost.Pop3;

/// <summary>Answers: single lines, and messages with their dots stuffed (RFC 1939 §3).</summary>
internal static class Pop3Writer
{
    public static void Line(PipeWriter output, string text)
    {
        var bytes = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
        var n = Encoding.UTF8.GetBytes(text, bytes);
        "\r\n"u8.CopyTo(bytes[n..]);
        output.Advance(n + 2);
    }

    /// <summary>Streams a message, at most <paramref name="bodyLines"/> lines behind its header (-1: all of it), and the final dot.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="head">What stands before the rest of the stream.</param>
    /// <param name="message">The stream.</param>
    /// <param name="bodyLines">How many lines.</param>
    /// <param name="flush">Sends what is written.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task MessageAsync(
        PipeWriter output, ReadOnlyMemory<byte> head, Stream message, int bodyLines, Func<CancellationToken, ValueTask> flush, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            var state = new Stuffing { LinesLeft = bodyLines };
            Write(output, head.Span, state);
            while (!state.Done && await message.ReadAsync(buffer, ct) is > 0 and var read)
            {
                Write(output, buffer.AsSpan(0, read), state);
                await flush(ct);
            }

            output.Write(state.AtLineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Stuffing
    {
        public bool AtLineStart = true;
        public bool InBody;
        public bool LineHasText;
        public int LinesLeft;
        public bool Done;
    }

    private static void Write(PipeWriter output, ReadOnlySpan<byte> bytes, Stuffing s)
    {
        while (!bytes.IsEmpty)
        {
            if (s.InBody && s.LinesLeft == 0)
            {
                s.Done = true;
                return;
            }

            if (s.AtLineStart)
            {
                s.LineHasText = false;
                if (bytes[0] == '.')
                {
                    output.Write("."u8);
                }
            }

            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..(end + 1)];
            output.Write(part);
            s.LineHasText |= part.TrimEnd("\r\n"u8).Length > 0;
            s.AtLineStart = end >= 0;
            bytes = bytes[part.Length..];
            if (end < 0)
            {
                return;
            }

            if (s.InBody)
            {
                s.LinesLeft -= s.LinesLeft > 0 ? 1 : 0;
            }
            else
            {
                s.InBody = !s.LineHasText;
            }
        }
    }
}
