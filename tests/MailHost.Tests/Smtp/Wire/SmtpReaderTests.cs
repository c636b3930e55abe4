using System.Text;
using SaaS.MailHost.Smtp.Wire;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp.Wire;

public sealed class SmtpReaderTests
{
    [Theory]
    [InlineData("FROM:<a@b.c>", "a@b.c", "")]
    [InlineData("from: <a@b.c> ", "a@b.c", "")]
    [InlineData("FROM:<>", "", "")]
    [InlineData("FROM:<@x,@y:a@b.c> SIZE=1", "a@b.c", "SIZE=1")]
    [InlineData("FROM:<\"a>b\"@c.d> BODY=8BITMIME SMTPUTF8", "\"a>b\"@c.d", "BODY=8BITMIME SMTPUTF8=")]
    [InlineData("FROM:<\"a\\\"b c\"@c.d>  size=5", "\"a\\\"b c\"@c.d", "SIZE=5")]
    public void Reads_paths_and_parameters(string line, string path, string parameters)
    {
        var reader = new SmtpReader(Encoding.UTF8.GetBytes(line));
        reader.ExpectKeyword("FROM:"u8);
        Assert.Equal(path, reader.ReadPath());
        Assert.Equal(parameters, string.Join(' ', reader.ReadParameters().Select(p => $"{p.Keyword}={p.Value}")));
    }

    [Theory]
    [InlineData("FROM:a@b.c")]
    [InlineData("FROM:<a@b.c")]
    [InlineData("FROM:<a@b.c>x")]
    [InlineData("FROM:<\"a@b.c>")]
    [InlineData("FROM:<a\0@b.c>")]
    [InlineData("FROM:<a@b.c> =5")]
    [InlineData("FROM:<a@b.c> SIZE=")]
    [InlineData("FROM:<a@b.c> SI_ZE=1")]
    [InlineData("FROM:<a@b.c> A=1 a=2")]
    [InlineData("TO:<a@b.c>")]
    [InlineData("")]
    public void Refuses_what_is_no_grammar(string line) => Assert.Throws<SmtpSyntaxException>(() =>
    {
        var reader = new SmtpReader(Encoding.UTF8.GetBytes(line));
        reader.ExpectKeyword("FROM:"u8);
        reader.ReadPath();
        reader.ReadParameters();
    });

    [Fact]
    public void Refuses_octets_that_are_not_UTF8() => Assert.Throws<SmtpSyntaxException>(() =>
    {
        var reader = new SmtpReader([(byte)'<', 0xC3, (byte)'@', (byte)'b', (byte)'>']);
        reader.ReadPath();
    });

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a+2Bb+3Dc", "a+b=c")]
    [InlineData("+C3+BC", "ü")]
    [InlineData("", "")]
    public void Decodes_xtext(string text, string expected)
    {
        Assert.True(XText.TryDecode(text, out var decoded));
        Assert.Equal(expected, decoded);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a=b")]
    [InlineData("a+2")]
    [InlineData("a+ZZ")]
    [InlineData("a+0A")]
    [InlineData("ü")]
    public void Refuses_what_is_no_xtext(string text) => Assert.False(XText.TryDecode(text, out _));
}
