using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using SaaS.Client.Http;
using SaaS.Client.LegacyPlatforms;
using SaaS.Web.Admin.LegacyPlatforms;
using SaaS.Web.Portal;
using SaaS.Web.Portal.LegacyPlatforms;
using Xunit;

namespace SaaS.Web.Tests.Portal.LegacyPlatforms;

public sealed class LegacyPlatformsPageTests : PortalContext
{
    private static LegacyPlatformView Platform(bool editable, int atHome) => new(
        4, null, 7, !editable, "Old cluster", new LegacyHosts(new LegacyHost("imap.old.example", 993, LegacyEncryption.Implicit)), LegacyUserNames.Address, null,
        true, null, false, false, null, false, null, false, 0, 12, atHome, editable, DateTimeOffset.UnixEpoch, "1");

    private IRenderedComponent<CascadingValue<Task<AuthenticationState>>> Start(params LegacyPlatformView[] platforms)
    {
        On("GET /v1/legacy-platforms", new PageOf<LegacyPlatformView>(platforms, null));
        return RenderAs<LegacyPlatformsPage>("tenant_admin");
    }

    [Fact]
    public void Shows_how_many_are_still_there_and_deletes_none_that_is_in_use()
    {
        var page = Start(Platform(editable: true, atHome: 5));
        page.WaitForAssertion(() => Assert.Equal("5", page.Find("td[data-label='Still there']").TextContent));
        Assert.Contains("GET /v1/legacy-platforms?limit=50&tenantId=7", Asked);
        Assert.True(page.Find("button[aria-label='Delete Old cluster']").HasAttribute("disabled"));
    }

    [Fact]
    public void One_of_an_operator_can_be_used_and_not_changed()
    {
        var page = Start(Platform(editable: false, atHome: 0));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("button[aria-label='Flip accounts of Old cluster']")));
        Assert.Empty(page.FindAll("button[aria-label='Delete Old cluster']"));
        Assert.Empty(page.FindAll("a.p-row-link"));
    }

    [Fact]
    public void Says_what_it_is_for_when_there_is_none()
    {
        var page = Start();
        page.WaitForAssertion(() => Assert.Contains("No legacy platform", page.Markup));
    }

    [Theory]
    [InlineData("imap.old.example:1993", "imap.old.example", 1993)]
    [InlineData("imap.old.example", "imap.old.example", 993)]
    [InlineData("[2001:db8::1]:143", "2001:db8::1", 143)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 993)]
    [InlineData("", null, 0)]
    public void A_host_is_read_as_it_is_typed(string text, string? host, int port)
    {
        var form = new LegacyHostForm("imap", "IMAP", "x:993", LegacyEncryption.Implicit, 993) { Text = text };
        var errors = new FormErrors();
        var read = form.Read(errors);
        Assert.False(errors.Any);
        Assert.Equal((host, port), (read?.Host, read?.Port ?? 0));
    }

    [Fact]
    public void A_port_that_is_none_is_said_at_its_field()
    {
        var errors = new FormErrors();
        Assert.Null(new LegacyHostForm("imap", "IMAP", "x:993", LegacyEncryption.Implicit, 993) { Text = "host:x" }.Read(errors));
        Assert.NotNull(errors.For("imap"));
    }
}
