using SaaS.Domain.Messages.Search;
using Xunit;

namespace SaaS.Domain.Tests.Search;

public class SearchWordsTests
{
    [Theory]
    [InlineData("Hello, World!", "hello world")]
    [InlineData("Crème BRÛLÉE", "creme brulee")]
    [InlineData("alice.smith@example.org", "alice smith example org")]
    [InlineData("山田太郎", "山田 田太 太郎 郎")]
    [InlineData("o'neil \0 x", "o neil x")]
    public void Words_are_folded(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', SearchWords.Of(text).Select(w => w.Term)));

    [Theory]
    [InlineData("foo bar", "('foo') & ('bar':*)")]
    [InlineData("\"foo bar\"", "('foo' <-> 'bar')")]
    [InlineData("alice@example.org", "('alice' <-> 'example' <-> 'org':*)")]
    [InlineData("!!!", "")]
    public void A_query_becomes_a_tsquery(string typed, string expected) =>
        Assert.Equal(expected, SearchQuery.Parse(typed).ToTsQuery(""));

    [Fact]
    public void A_snippet_marks_words_and_escapes_everything_else() =>
        Assert.Equal(
            "&lt;b&gt; the <mark>Café</mark> &amp; more",
            SearchSnippets.Mark("<b> the Café & more", [SearchQuery.Parse("cafe")]));

    [Fact]
    public void A_text_without_the_word_has_no_snippet() => Assert.Null(SearchSnippets.Mark("nothing here", [SearchQuery.Parse("cafe")]));
}
