using System.Text;
using SaaS.MailHost.Smtp.Wire;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp.Wire;

public sealed class DataScannerTests
{
    private sealed class Collected : IDataSink
    {
        public List<byte> Bytes { get; } = [];

        public void Write(ReadOnlySpan<byte> bytes) => Bytes.AddRange(bytes);

        public override string ToString() => Encoding.Latin1.GetString([.. Bytes]);
    }

    /// <summary>On the wire, then what the message is, "!" and the fault where there is one, and what stays in the pipe.</summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        { ".\r\n", "", "" },
        { "a\r\n.\r\n", "a\r\n", "" },
        { "a\r\n.\r\nNOOP\r\n", "a\r\n", "NOOP\r\n" },
        { "..\r\n.\r\n", ".\r\n", "" },
        { ".a\r\n..b\r\n...\r\n.\r\n", "a\r\n.b\r\n..\r\n", "" },
        { "a.b\r\n\r\n.\r\nx", "a.b\r\n\r\n", "x" },
        { "a\r\n. \r\n.\r\n", "a\r\n \r\n", "" },
        { "a\n.\nb\r\n.\r\n", "!BareLineFeed", "" },
        { "a\n.\r\nb\r\n.\r\n", "!BareLineFeed", "" },
        { "a\r\n.\nb\r\n.\r\nrest", "!BareLineFeed", "rest" },
        { "a\r.\rb\r\n.\r\n", "!BareCarriageReturn", "" },
        { "a\r\n.\rb\r\n.\r\n", "!BareCarriageReturn", "" },
        { "a\r\r\n.\r\n", "!BareCarriageReturn", "" },
        { "a\r\n.\r\r\nb\r\n.\r\n", "!BareCarriageReturn", "" },
        { "a\0b\r\n.\r\n", "!Nul", "" },
        { "\n.\r\n\r\n.\r\n", "!BareLineFeed", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Finds_the_end_at_every_split(string wire, string expected, string rest)
    {
        var bytes = Encoding.Latin1.GetBytes(wire);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                Check(bytes, [first, second, bytes.Length], expected, rest);
            }
        }

        Check(bytes, [.. Enumerable.Range(1, bytes.Length)], expected, rest);
    }

    [Fact]
    public void A_message_above_the_limit_is_read_to_its_end_and_not_kept()
    {
        var scanner = new DataScanner(10);
        var sink = new Collected();
        Assert.True(scanner.Scan("0123456789\r\n0123456789\r\n.\r\nNOOP"u8, ref sink, out var consumed));
        Assert.Equal(DataFault.TooLarge, scanner.Fault);
        Assert.Equal(27, consumed);
    }

    [Theory]
    [InlineData("a\n.\n", true)]
    [InlineData("a\n.\r\n", true)]
    [InlineData("a\r\n.\n", true)]
    [InlineData("a\r.\r", true)]
    [InlineData("a\nb", false)]
    [InlineData("a\nb\r\n", false)]
    [InlineData("a\r\n.", false)]
    [InlineData("a\r\n.\r", false)]
    public void Knows_what_looks_like_an_end_to_others(string wire, bool looks)
    {
        foreach (var split in Enumerable.Range(0, wire.Length))
        {
            var scanner = new DataScanner(100);
            var sink = new Collected();
            var bytes = Encoding.Latin1.GetBytes(wire);
            Assert.False(scanner.Scan(bytes.AsSpan(0, split), ref sink, out _));
            Assert.False(scanner.Scan(bytes.AsSpan(split), ref sink, out _));
            Assert.Equal(looks, scanner.LooksFinished);
        }
    }

    private static void Check(byte[] bytes, IEnumerable<int> splits, string expected, string rest)
    {
        var scanner = new DataScanner(1000);
        var sink = new Collected();
        var start = 0;
        foreach (var end in splits)
        {
            if (scanner.Scan(bytes.AsSpan(start..end), ref sink, out var consumed))
            {
                Assert.Equal(rest, Encoding.Latin1.GetString(bytes.AsSpan(start + consumed)));
                Assert.Equal(expected, scanner.Fault == DataFault.None ? sink.ToString() : $"!{scanner.Fault}");
                return;
            }

            start = end;
        }

        Assert.Fail("No end found.");
    }
}
