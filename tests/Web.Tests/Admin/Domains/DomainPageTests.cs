using System.Net;
using Bunit;
using SaaS.Client.Domains;
using SaaS.Client.Http;
using SaaS.Web.Admin.Domains;
using SaaS.Web.Tests.Portal;
using Xunit;

namespace SaaS.Web.Tests.Admin.Domains;

public sealed class DomainPageTests : PortalContext
{
    private static DomainView Domain(DomainStatus status) =>
        new(4, 7, "Acme", "acme.example", "acme.example", status, "_postyard-challenge.acme.example", "postyard-verify=abc", null, 0, 0, 0, null, null, DateTimeOffset.UnixEpoch, "1");

    [Fact]
    public void Adding_a_domain_shows_the_exact_record_to_publish_and_why_it_is_not_found_yet()
    {
        On("GET /v1/domains", new PageOf<DomainView>([], null));
        On("POST /v1/domains", Domain(DomainStatus.Pending));
        OnProblem("POST /v1/domains/4/verify", HttpStatusCode.UnprocessableEntity, "No TXT record was found yet.");
        var page = RenderAs<DomainsPage>("tenant_admin");
        page.WaitForElement(".p-head .btn-primary").Click();
        page.WaitForElement("#f-name").Input("acme.example");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Equal(["_postyard-challenge.acme.example", "postyard-verify=abc"], page.FindAll(".p-copy code").Select(c => c.TextContent)));

        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("No TXT record was found yet.", page.Markup));
    }

    [Fact]
    public void Shows_the_state_of_each_record_and_what_was_seen()
    {
        On("GET /v1/domains/4", Domain(DomainStatus.Verified));
        On("GET /v1/domains/4/dns", new DnsReport("acme.example", DateTimeOffset.UnixEpoch, false,
        [
            new("mx", "MX", "acme.example", "10 mx.example.", true, DnsRecordState.Differs, ["5 other.example."], "Brings mail here."),
            new("spf", "TXT", "acme.example", "v=spf1 -all", true, DnsRecordState.Ok, ["v=spf1 -all"], "Says who may send."),
        ]));
        var page = RenderAs<DomainPage>("tenant_admin", p => p.Add(c => c.Id, 4));
        page.WaitForAssertion(() =>
        {
            Assert.Contains("1 record to publish", page.Markup);
            Assert.Contains("5 other.example.", page.Markup);
            Assert.Equal(["Different", "Published"], page.FindAll(".p-record .p-pill").Select(p => p.TextContent));
        });
        Assert.DoesNotContain("Vouch", page.Markup);
    }

    [Fact]
    public void Deleting_needs_the_name_typed()
    {
        On("GET /v1/domains/4", Domain(DomainStatus.Verified));
        On("GET /v1/domains/4/dns", new DnsReport("acme.example", DateTimeOffset.UnixEpoch, true, []));
        OnProblem("DELETE /v1/domains/4", HttpStatusCode.Conflict, "It still has addresses.");
        var page = RenderAs<DomainPage>("tenant_admin", p => p.Add(c => c.Id, 4));
        page.WaitForElement(".p-panel-danger .btn-danger").Click();
        var go = page.WaitForElement(".p-dialog button[type=submit]");
        Assert.True(go.HasAttribute("disabled"));

        page.Find("#f-confirm").Input("acme.example");
        page.WaitForElement(".p-dialog form").Submit();
        page.WaitForAssertion(() => Assert.Contains("It still has addresses.", page.Find(".p-dialog").TextContent));
        Assert.Contains("DELETE /v1/domains/4", Asked);
    }

    [Fact]
    public void A_domain_of_somebody_else_is_not_there()
    {
        var page = RenderAs<DomainPage>("tenant_admin", p => p.Add(c => c.Id, 4));
        page.WaitForAssertion(() => Assert.Contains("Nothing here", page.Markup));
    }
}
