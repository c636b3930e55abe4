using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Reading;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("see https://a.test/x.", "https://a.test/x", "https://a.test/x")]
    [InlineData("(https://a.test/x_(y))", "https://a.test/x_(y)", "https://a.test/x_(y)")]
    [InlineData("www.a.test/x, and more", "www.a.test/x", "https://www.a.test/x")]
    [InlineData("write to anna@a.test!", "anna@a.test", "/mail?compose=mailto%3Aanna%40a.test")]
    public void Links_are_found_without_the_sentence_around_them(string text, string shown, string href)
    {
        var piece = Assert.Single(PlainText.Link(text), p => p.Href is not null);
        Assert.Equal(shown, piece.Text);
        Assert.Equal(href, piece.Href);
        Assert.Equal(text, string.Concat(PlainText.Link(text).Select(p => p.Text)));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("<b>https</b>")]
    public void Nothing_else_becomes_a_link(string text) => Assert.All(PlainText.Link(text), p => Assert.Null(p.Href));

    [Fact]
    public void Markup_stays_text()
    {
        var piece = Assert.Single(PlainText.Link("<img src=x onerror=alert(1)>"));
        Assert.Equal("<img src=x onerror=alert(1)>", piece.Text);
    }

    [Fact]
    public void Quotes_and_signature_are_told_apart()
    {
        var blocks = PlainText.Blocks("Hello\n\n> first\n> > second\nback\n-- \nAnna");
        Assert.Equal([0, 1, 2, 0, 0], blocks.Select(b => b.Depth));
        Assert.True(blocks[^1].Signature);
    }

    [Fact]
    public void A_very_long_line_takes_no_long_time()
    {
        var text = new string('a', 200_000) + "@" + new string('b', 200_000);
        Assert.NotEmpty(PlainText.Link(text));
    }

    [Fact]
    public void Quotes_at_the_end_fold_with_the_line_that_names_the_quoted()
    {
        var quote = string.Join("\n", Enumerable.Repeat("> a line of what was said before, long enough", 8));
        var blocks = PlainText.Blocks($"Fine with me.\n\nOn Monday, Bob wrote:\n{quote}\n");
        var start = PlainText.QuoteStart(blocks);
        Assert.Equal(1, start);
        Assert.StartsWith("Fine with me.", blocks[0].Pieces[0].Text, StringComparison.Ordinal);
        Assert.True(blocks[1].Attribution);

        // An answer between the quotes is read whole, and so is a mail that is nothing but a quote.
        Assert.Equal(3, PlainText.QuoteStart(PlainText.Blocks($"{quote}\nYes.\n{quote}\nAnd no.")) - 1);
        var only = PlainText.Blocks(quote);
        Assert.Equal(only.Count, PlainText.QuoteStart(only));
    }
}
