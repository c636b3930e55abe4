using Bunit;
using SaaS.Client.Branding;
using SaaS.Client.Http;
using SaaS.Web.Reseller.Branding;
using SaaS.Web.Tests.Portal;
using Xunit;

namespace SaaS.Web.Tests.Reseller;

public sealed class BrandEditorTests : PortalContext
{
    private static BrandView Brand(string primary) =>
        new(2, 3, null, "Northwind Mail", primary, "#0b8a74", null, null, ["mail.northwind.example"], [], "5");

    [Fact]
    public void Warns_of_a_colour_that_cannot_be_read_and_previews_the_shade_that_is_used()
    {
        On("GET /v1/brands", new PageOf<BrandView>([Brand("#1a4fa3")], null));
        var page = RenderAs<BrandingPage>("reseller_admin");
        page.WaitForElement("#f-primaryColor");
        Assert.DoesNotContain("4.5:1", page.Markup);

        page.Find("#f-primaryColor").Input("#ffe680");
        Assert.Contains("4.5:1", page.Markup);
        Assert.DoesNotContain("background:#ffe680;color", page.Find(".p-preview-button").GetAttribute("style"), StringComparison.Ordinal);
    }

    [Fact]
    public void Saves_with_the_version_that_was_read()
    {
        On("GET /v1/brands", new PageOf<BrandView>([Brand("#1a4fa3")], null));
        On("PUT /v1/resellers/3/brand", Brand("#1a4fa3") with { Name = "North", Version = "6" });
        var page = RenderAs<BrandingPage>("reseller_admin");
        page.WaitForElement("#f-name").Input("North");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("PUT /v1/resellers/3/brand", Asked));
        page.WaitForAssertion(() => Assert.Equal("North", page.Find("#f-name").GetAttribute("value")));
    }

    [Fact]
    public void A_claimed_host_shows_the_record_to_publish_and_what_the_check_said()
    {
        var claim = new BrandHostClaimView("mail.acme.example", "_postyard-challenge.mail.acme.example", "postyard-verification=abc", "abc.mx.example");
        On("GET /v1/brands", new PageOf<BrandView>([Brand("#1a4fa3") with { Claims = [claim] }], null));
        OnProblem("POST /v1/brands/2/hosts/mail.acme.example/verify", System.Net.HttpStatusCode.Conflict, "The record is not visible yet.");
        var page = RenderAs<BrandingPage>("reseller_admin");
        page.WaitForAssertion(() => Assert.Contains("postyard-verification=abc", page.Markup));
        Assert.DoesNotContain(page.FindAll(".p-claim button"), b => b.TextContent.Contains("Vouch", StringComparison.Ordinal));
        page.FindAll(".p-claim button").Single(b => b.TextContent.Contains("Check now", StringComparison.Ordinal)).Click();
        page.WaitForAssertion(() => Assert.Contains("The record is not visible yet.", page.Find(".p-claim .p-error").TextContent));
    }
}
