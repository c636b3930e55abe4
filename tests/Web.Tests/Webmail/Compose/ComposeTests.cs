using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Compose;
using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Compose;

public sealed class ComposeTests
{
    private static readonly IReadOnlyList<Identity> Me = [new() { Id = "i", Name = "Anna", Email = "anna@a.test", TextSignature = "Anna <A&B>" }];
    private readonly Replies _replies = new(new MailHtml(), Me);

    [Fact]
    public void Addresses_are_read_as_people_write_them()
    {
        var found = Recipients.Parse("\"Webb, Marcus\" <m@b.test>; anna@a.test,\n Tom <t@c.test>");
        Assert.Equal(["m@b.test", "anna@a.test", "t@c.test"], found.Select(a => a.Email));
        Assert.Equal("Webb, Marcus", found[0].Name);
        Assert.False(Recipients.IsValid(new EmailAddress(null, "nobody")));
        Assert.True(Recipients.IsValid(new EmailAddress(null, "x+y@b.test")));
    }

    [Fact]
    public void Reply_to_all_leaves_me_out_and_keeps_the_thread()
    {
        var draft = _replies.Reply(Message(), all: true);
        Assert.Equal(["marcus@b.test", "tom@c.test"], draft.To.Select(a => a.Email));
        Assert.Equal(["cc@c.test"], draft.Cc.Select(a => a.Email));
        Assert.Equal("Re: Plan", draft.Subject);
        Assert.Equal(["m1@b.test"], draft.InReplyTo!);
        Assert.Equal(["m0@b.test", "m1@b.test"], draft.References!);
        Assert.Contains("<blockquote>", draft.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", draft.Html, StringComparison.Ordinal);
        Assert.Contains("Anna &lt;A&amp;B&gt;", draft.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Answering_my_own_mail_goes_on_to_those_I_wrote_to()
    {
        var mine = Message() with { From = [new EmailAddress("Anna", "anna@a.test")], To = [new EmailAddress(null, "tom@c.test")], Cc = null };
        Assert.Equal(["tom@c.test"], _replies.Reply(mine, all: false).To.Select(a => a.Email));
    }

    [Theory]
    [InlineData("anna@a.test", null, false)]
    [InlineData("team@a.test", null, true)]
    [InlineData("anna@a.test", "anna@a.test", false)]
    [InlineData("anna@a.test", "marcus@b.test", false)]
    [InlineData("anna@a.test", "tom@c.test", true)]
    public void Reply_to_all_is_offered_where_it_reaches_more(string to, string? cc, bool more) => Assert.Equal(more, _replies.ReachesMore(
        Message() with { To = [new EmailAddress(null, to)], Cc = cc is null ? null : [new EmailAddress(null, cc)] }));

    [Fact]
    public void Forward_takes_the_files_along()
    {
        var draft = _replies.Forward(Message() with { Attachments = [new EmailBodyPart { BlobId = "b", Name = "a.pdf", Type = "application/pdf", Size = 3 }] });
        Assert.Equal("Fwd: Plan", draft.Subject);
        Assert.Equal("b", Assert.Single(draft.Attachments).BlobId);
    }

    [Fact]
    public void A_mailto_link_fills_in_what_it_may()
    {
        var draft = _replies.New("mailto:tom@c.test?subject=Hi%0D%0ABcc%3A%20x@evil.test&body=%3Cb%3E&attach=/etc/passwd");
        Assert.Equal("tom@c.test", Assert.Single(draft.To).Email);
        Assert.DoesNotContain('\n', draft.Subject);
        Assert.Empty(draft.Bcc);
        Assert.Empty(draft.Attachments);
        Assert.Contains("&lt;b&gt;", draft.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_becomes_an_email_with_both_bodies()
    {
        var draft = _replies.New();
        draft.Html = "<p>Hello <b>you</b></p>";
        draft.To.Add(new EmailAddress(null, "tom@c.test"));
        draft.Attachments.Add(new DraftAttachment { Key = "k", Name = "a", Type = "text/plain" });
        var email = draft.ToEmail(Me[0], "drafts", draft: true);
        Assert.Equal("Hello you\n", email.BodyValues!["text"].Value);
        Assert.Null(email.Attachments); // it is not uploaded yet
        Assert.True(email.IsDraft);
    }

    private static Email Message() => new()
    {
        Id = "e",
        Subject = "Plan",
        MessageId = ["m1@b.test"],
        References = ["m0@b.test"],
        From = [new EmailAddress("Marcus", "marcus@b.test")],
        To = [new EmailAddress("Anna", "anna@a.test"), new EmailAddress(null, "tom@c.test")],
        Cc = [new EmailAddress(null, "cc@c.test"), new EmailAddress(null, "ANNA@a.test")],
        HtmlBody = [new EmailBodyPart { PartId = "1", Type = "text/html" }],
        BodyValues = new Dictionary<string, EmailBodyValue> { ["1"] = new() { Value = "<p>Text<script>x</script></p>" } },
    };
}
