using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Search;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Search;

public class SearchHintsTests
{
    private static readonly IReadOnlyList<Mailbox> Folders =
        [new() { Id = "B1", Name = "INBOX", Role = "inbox" }, new() { Id = "B9", Name = "Tax papers" }];

    private static readonly IReadOnlyList<EmailAddress> People = [new("Bob Baker", "bob@example.test")];

    [Theory]
    [InlineData("fr", "from:")]
    [InlineData("budget sub", "budget subject:")]
    [InlineData("is:un", "is:unread")]
    [InlineData("has:", "has:attachment")]
    [InlineData("in:tax", "in:\"Tax papers\"")]
    [InlineData("-from:bo", "-from:bob@example.test")]
    [InlineData("plan to:bob", "plan to:bob@example.test")]
    public void The_first_hint_completes_the_last_word(string typed, string expected) =>
        Assert.Contains(SearchHints.For(typed, Folders, SearchHints.PersonTyped(typed) is null ? [] : People, []), h => h.Text == expected);

    [Fact]
    public void An_empty_box_shows_what_was_searched_before()
    {
        var hints = SearchHints.For("", Folders, [], ["invoice", "from:bob"]);
        Assert.Equal(["invoice", "from:bob"], hints.Take(2).Select(h => h.Text));
        Assert.True(hints.Count <= 8);
    }

    [Theory]
    [InlineData("from:", null)]
    [InlineData("from:bo", "bo")]
    [InlineData("subject:bo", null)]
    [InlineData("b", null)]
    [InlineData("lunch bo", "bo")]
    public void People_are_asked_for_only_where_they_fit(string typed, string? expected) => Assert.Equal(expected, SearchHints.PersonTyped(typed));
}
