using Bunit;
using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Keyboard;
using SaaS.Web.Webmail.List;
using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.List;

public sealed class MessageRowTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_row_says_what_its_conversation_holds()
    {
        var newest = Mail("2", "Tom", seen: true);
        var row = MessageRow.Of(newest, [Mail("1", "Anna", seen: false), newest], outgoing: false);
        Assert.True(row.Unread);
        Assert.Equal(2, row.Count);
        Assert.Equal(["Anna", "Tom"], row.People.Select(p => p.Name));
    }

    [Fact]
    public void What_came_by_mail_is_shown_as_text()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        var row = MessageRow.Of(Mail("1", "<img src=x onerror=alert(1)>", seen: true) with { Subject = "<script>alert(1)</script>" }, [], false);
        var view = Render<MessageRowView>(p => p.Add(v => v.Row, row).Add(v => v.Now, Now));
        Assert.Empty(view.FindAll("script, img"));
        Assert.Contains("&lt;script&gt;", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_body_folds_long_quotes_and_encodes_everything()
    {
        var view = Render<TextBody>(p => p.Add(b => b.Text, "Hi <b>\n> " + new string('q', 400) + "\n\nhttps://a.test"));
        Assert.Single(view.FindAll("details"));
        Assert.Empty(view.FindAll("b"));
        var link = view.Find("a");
        Assert.Equal("noopener noreferrer nofollow", link.GetAttribute("rel"));
    }

    [Fact]
    public void Shift_ticks_a_range()
    {
        var rows = Enumerable.Range(0, 5).Select(i => MessageRow.Of(Mail($"{i}", "A", true), [], false)).ToList();
        var selection = new Selection();
        selection.Toggle(rows[1], 1);
        selection.Extend(3, i => rows[i]);
        Assert.Equal(3, selection.Count);
        selection.Toggle(rows[2], 2);
        Assert.False(selection.Has(rows[2]));
    }

    [Theory]
    [InlineData(0, "11:00")]
    [InlineData(1, "Yesterday")]
    [InlineData(40, "13 Oct")]
    [InlineData(400, "18 Oct 2025")]
    public void Dates_are_short(int days, string text) => Assert.Equal(text, When.Short(Now.AddDays(-days).AddHours(-1), Now));

    [Theory]
    [InlineData("j", MailKey.Next)]
    [InlineData("#", MailKey.Delete)]
    [InlineData("?", MailKey.Help)]
    [InlineData("J", MailKey.None)]
    [InlineData("z", MailKey.None)]
    public void Keys_do_what_the_table_says(string key, MailKey does) => Assert.Equal(does, KeyMap.Of(key));

    private static Email Mail(string id, string name, bool seen) => new()
    {
        Id = id,
        ThreadId = "t",
        Subject = "Subject",
        From = [new EmailAddress(name, name.ToLowerInvariant() + "@a.test")],
        ReceivedAt = Now.AddMinutes(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)),
        Keywords = seen ? new Dictionary<string, bool> { [Keyword.Seen] = true } : new Dictionary<string, bool>(),
    };
}
