using System.Net;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using SaaS.Client.Accounts;
using SaaS.Client.Domains;
using SaaS.Client.Http;
using SaaS.Web.Admin.Accounts;
using SaaS.Web.Tests.Portal;
using Xunit;

namespace SaaS.Web.Tests.Admin.Accounts;

public sealed class AccountsPageTests : PortalContext
{
    private static AccountView Account(int id) =>
        new(id, 7, 1, $"user{id}@acme.example", $"User {id}", AccountType.User, false, [], [], true, 1 << 20, 1 << 30, 3, DateTimeOffset.UnixEpoch, "1");

    private static DomainView Domain() =>
        new(1, 7, "Acme", "acme.example", "acme.example", DomainStatus.Verified, "_c.acme.example", "v", null, 1, 0, 0, null, null, DateTimeOffset.UnixEpoch, "1");

    private IRenderedComponent<CascadingValue<Task<AuthenticationState>>> Start(IReadOnlyList<AccountView> accounts, string? next = null)
    {
        On("GET /v1/domains", new PageOf<DomainView>([Domain()], null));
        On("GET /v1/accounts", new PageOf<AccountView>(accounts, next));
        return RenderAs<AccountsPage>("tenant_admin");
    }

    [Fact]
    public void Asks_the_server_for_one_page_of_the_own_tenant_and_for_the_next_when_told()
    {
        var page = Start([.. Enumerable.Range(1, 50).Select(Account)], "c50");
        page.WaitForAssertion(() => Assert.Equal(50, page.FindAll("tbody tr").Count));
        Assert.Contains("GET /v1/accounts?limit=50&tenantId=7", Asked);
        Assert.Equal("/admin/accounts/1", page.Find("tbody a").GetAttribute("href"));

        page.FindAll(".p-pager button")[1].Click();
        page.WaitForAssertion(() => Assert.Contains("GET /v1/accounts?limit=50&cursor=c50&tenantId=7", Asked));
    }

    [Fact]
    public void Searches_on_the_server()
    {
        var page = Start([Account(1)]);
        page.WaitForElement("input[type=search]").Input("ada");
        page.WaitForAssertion(() => Assert.Contains("GET /v1/accounts?limit=50&q=ada&tenantId=7", Asked), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Says_what_to_do_when_there_is_none()
    {
        var page = Start([]);
        page.WaitForAssertion(() => Assert.Contains("No account yet", page.Markup));
    }

    [Fact]
    public void Offers_to_try_again_when_the_service_fails()
    {
        On("GET /v1/domains", new PageOf<DomainView>([Domain()], null));
        OnProblem("GET /v1/accounts", HttpStatusCode.ServiceUnavailable, "The directory is away.");
        var page = RenderAs<AccountsPage>("tenant_admin");
        page.WaitForAssertion(() => Assert.Contains("The directory is away.", page.Markup));
    }

    [Fact]
    public void Shows_the_servers_words_at_the_field_and_then_the_password_once()
    {
        var page = Start([]);
        page.WaitForElement(".p-head .btn-primary:not([disabled])").Click();
        page.WaitForElement("#f-displayName").Input("Ada Lovelace");
        Assert.Equal("ada.lovelace", page.Find("#address-local").GetAttribute("value"));

        OnProblem("POST /v1/accounts", HttpStatusCode.Conflict, "The address is taken.", ("address", "Somebody has this address already."));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Equal("Somebody has this address already.", page.Find("#address-local-error").TextContent));

        On("POST /v1/accounts", Account(2));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("The password is shown only here", page.Markup));
        Assert.Contains("\"address\":\"ada.lovelace@acme.example\"", Bodies.Last(b => b.Length > 0));
    }
}
