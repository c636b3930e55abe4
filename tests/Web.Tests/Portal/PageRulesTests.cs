using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using SaaS.Web.Admin;
using SaaS.Web.Auth;
using SaaS.Web.Operator;
using SaaS.Web.Reseller;
using Xunit;

namespace SaaS.Web.Tests.Portal;

public sealed class PageRulesTests
{
    private static readonly Dictionary<string, string> Areas = new()
    {
        ["SaaS.Web.Admin"] = WebAuth.AnyAdmin,
        ["SaaS.Web.Reseller"] = WebAuth.ResellerAdmin,
        ["SaaS.Web.Operator"] = WebAuth.Operator,
    };

    private static List<Type> Pages() =>
        [.. typeof(WebAuth).Assembly.GetTypes().Where(t => t.GetCustomAttributes<RouteAttribute>().Any() && Areas.Keys.Any(a => t.Namespace!.StartsWith(a, StringComparison.Ordinal)))];

    [Fact]
    public void Every_page_of_an_area_has_its_policy()
    {
        var pages = Pages();
        Assert.True(pages.Count > 25);
        Assert.All(pages, p => Assert.Equal(Areas[Areas.Keys.Single(a => p.Namespace!.StartsWith(a, StringComparison.Ordinal))], p.GetCustomAttribute<AuthorizeAttribute>()?.Policy));
    }

    [Fact]
    public void Every_navigation_item_leads_to_a_page()
    {
        var routes = Pages().SelectMany(p => p.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template).ToHashSet();
        Assert.All(AdminNav.Items.Concat(ResellerNav.Items).Concat(OperatorNav.Items), i => Assert.Contains(i.Href, routes));
    }

    [Fact]
    public void Every_page_about_a_tenant_can_be_opened_for_another_by_its_reseller()
    {
        foreach (var page in Pages().Where(p => typeof(AdminPage).IsAssignableFrom(p)))
        {
            var routes = page.GetCustomAttributes<RouteAttribute>().Select(r => r.Template).ToList();
            Assert.Contains(routes, r => r.StartsWith("/tenants/{TenantId:long}", StringComparison.Ordinal));
            Assert.Contains(routes, r => r.StartsWith("/admin", StringComparison.Ordinal));
        }
    }
}
