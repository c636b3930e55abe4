using System.Buffers;
using System.Text;
using SaaS.MailHost.Net;
using Xunit;

namespace SaaS.MailHost.Tests.Net;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("NOOP\r\nrest", "Line", "NOOP", "rest")]
    [InlineData("\r\n", "Line", "", "")]
    [InlineData("NOOP\r", "Incomplete", "", "NOOP\r")]
    [InlineData("NOOP", "Incomplete", "", "NOOP")]
    [InlineData("NOOP\nrest", "BareLineEnd", "", "rest")]
    [InlineData("NO\rOP\r\nrest", "BareLineEnd", "", "rest")]
    [InlineData("\nrest", "BareLineEnd", "", "rest")]
    [InlineData("0123456789abcdefghi\r\nrest", "TooLong", "", "rest")]
    [InlineData("0123456789abcdefghijk", "TooLong", "", "0123456789abcdefghijk")]
    public void Takes_lines_at_every_split(string text, string status, string line, string rest)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var split = 0; split <= bytes.Length; split++)
        {
            var buffer = Split(bytes, split);
            Assert.Equal(status, LineReader.TryRead(ref buffer, 20, out var found).ToString());
            Assert.Equal(line, Encoding.ASCII.GetString(found));
            Assert.Equal(rest, Encoding.ASCII.GetString(buffer));
        }
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, int at)
    {
        var first = new Segment(bytes.AsMemory(0, at), 0);
        var second = new Segment(bytes.AsMemory(at), at);
        first.Append(second);
        return new ReadOnlySequence<byte>(first, 0, second, bytes.Length - at);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public void Append(Segment next) => Next = next;
    }
}
