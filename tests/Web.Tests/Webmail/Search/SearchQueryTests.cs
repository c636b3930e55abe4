using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Search;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Search;

public sealed class SearchQueryTests
{
    private static readonly IReadOnlyList<Mailbox> Folders =
    [
        new() { Id = "1", Name = "INBOX", Role = "inbox" }, new() { Id = "2", Name = "Trash", Role = "trash" }, new() { Id = "3", Name = "Big Deals" },
    ];

    [Fact]
    public void Operators_and_words_are_joined_and_trash_stays_out()
    {
        var filter = Assert.IsType<EmailFilterOperator>(SearchQuery.Parse("from:marcus subject:\"big plan\" budget", Folders));
        Assert.Equal("AND", filter.Operator);
        var conditions = filter.Conditions.Cast<EmailCondition>().ToList();
        Assert.Equal("marcus", conditions[0].From);
        Assert.Equal("big plan", conditions[1].Subject);
        Assert.Equal("budget", conditions[2].Text);
        Assert.Equal(["2"], conditions[3].InMailboxOtherThan!);
    }

    [Fact]
    public void A_named_folder_is_searched_alone()
    {
        Assert.Equal("3", Assert.IsType<EmailCondition>(SearchQuery.Parse("in:\"big deals\"", Folders)).InMailbox);
        Assert.Equal("2", Assert.IsType<EmailCondition>(SearchQuery.Parse("in:trash", Folders)).InMailbox);
    }

    [Fact]
    public void Dates_sizes_states_and_not()
    {
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), One("before:2026-03-01").Before);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), One("after:2026-03").After);
        Assert.Equal(2 * 1024 * 1024, One("larger:2m").MinSize);
        Assert.True(One("has:attachment").HasAttachment);
        Assert.Equal(Keyword.Seen, One("is:unread").NotKeyword);
        var not = (EmailFilterOperator)((EmailFilterOperator)SearchQuery.Parse("-from:robot", Folders)!).Conditions[0];
        Assert.Equal("NOT", not.Operator);
        Assert.Equal("robot", ((EmailCondition)not.Conditions[0]).From);
    }

    [Theory]
    [InlineData("before:soon")]
    [InlineData("larger:huge")]
    [InlineData("colour:red")]
    [InlineData("in:nowhere")]
    [InlineData("from:")]
    [InlineData("a:b:c")]
    [InlineData(":")]
    [InlineData("-")]
    public void What_is_no_operator_is_text(string typed) => Assert.NotNull(One(typed).Text);

    [Fact]
    public void Nothing_typed_is_no_search() => Assert.Null(SearchQuery.Parse("   ", Folders));

    [Fact]
    public void A_snippet_is_text_with_marks()
    {
        var pieces = Snippet.Pieces("a &lt;b&gt; <mark>hit</mark> <img>").ToList();
        Assert.Equal([("a <b> ", false), ("hit", true), (" <img>", false)], pieces);
    }

    private static EmailCondition One(string typed) =>
        SearchQuery.Parse(typed, Folders) is EmailFilterOperator all ? (EmailCondition)all.Conditions[0] : (EmailCondition)SearchQuery.Parse(typed, Folders)!;
}
