using System.Text.Json;
using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Reading;

public class UnsubscribeTests
{
    [Fact]
    public void One_click_needs_https_and_the_second_header()
    {
        Assert.Equal("https://list.test/u?1", Of(["mailto:u@list.test", "https://list.test/u?1"], "List-Unsubscribe=One-Click")!.OneClick!.AbsoluteUri);
        Assert.Null(Of(["https://list.test/u?1"], null)!.OneClick);
        Assert.Null(Of(["mailto:u@list.test"], "List-Unsubscribe=One-Click")!.OneClick);
        Assert.Equal("mailto:u@list.test", Of(["mailto:u@list.test"], null)!.Mailto);
    }

    [Theory]
    [InlineData("http://list.test/u")]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    public void No_other_address_is_taken(string url) => Assert.Null(Of([url], "List-Unsubscribe=One-Click"));

    [Fact]
    public void No_header_no_button() => Assert.Null(Unsubscribe.Of(new Email()));

    private static Unsubscribe? Of(string[] urls, string? post) => Unsubscribe.Of(new Email
    {
        Extra = new Dictionary<string, JsonElement>
        {
            ["header:List-Unsubscribe:asURLs"] = JsonSerializer.SerializeToElement(urls),
            ["header:List-Unsubscribe-Post:asText"] = JsonSerializer.SerializeToElement(post),
        },
    });
}
