using System.Text;
using Xunit;

namespace SaaS.MailHost.Tests.Transcripts;

public sealed class TranscriptRunnerTests
{
    [Theory]
    [InlineData(@"a\r\nb", "a\r\nb")]
    [InlineData(@"\x41\0\\", "A\0\\")]
    [InlineData("x%{ab*3}y", "xabababy")]
    public void Raw_lines_are_unescaped(string text, string expected) =>
        Assert.Equal(Encoding.Latin1.GetBytes(expected), TranscriptRunner.Unescape(text, Encoding.Latin1));

    [Fact]
    public void Spans_have_units() => Assert.Equal(TimeSpan.FromMinutes(30), TranscriptRunner.ParseSpan("+30m"));
}
