using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SaaS.EndToEnd.Tests.Support;
using Xunit;

namespace SaaS.EndToEnd.Tests;

/// <summary>axe over every page, in light and in dark: nothing serious, nothing critical.</summary>
[Collection(ServiceCollection.Name)]
public sealed class AccessibilityTests(SharedService shared)
{
    private readonly Service _service = shared.Service;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Sign_in_is_accessible(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(scheme);
        await page.GotoAsync(_service["http"]);
        await Assertions.Expect(page.GetByLabel("Password")).ToBeVisibleAsync();

        Assert.Empty(await FaultsAsync(page, "sign-in"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_webmail_is_accessible(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(scheme);
        await Browser.SignInAsync(page, _service["http"], "alice@example.test");
        await Browser.SettledAsync(page);
        await Assertions.Expect(page.GetByRole(AriaRole.Row).First).ToBeVisibleAsync();
        var faults = await FaultsAsync(page, "list");
        await page.GetByRole(AriaRole.Row).First.ClickAsync();
        await Assertions.Expect(page.Locator(".reading-none")).ToHaveCountAsync(0);
        await Browser.SettledAsync(page);
        faults.AddRange(await FaultsAsync(page, "message"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Write", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Message text" })).ToBeVisibleAsync();
        faults.AddRange(await FaultsAsync(page, "compose"));
        faults.AddRange(await VisitAsync(page, "/mail/settings"));
        faults.AddRange(await VisitAsync(page, "/mail/settings/away"));
        faults.AddRange(await VisitAsync(page, "/mail/settings/filters"));
        await page.GetByRole(AriaRole.Button, new() { Name = "New rule" }).ClickAsync();
        faults.AddRange(await FaultsAsync(page, "rule"));

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("admin@example.test", ColorScheme.Light, "/admin", "/admin/domains", "/admin/accounts", "/admin/aliases", "/admin/groups", "/admin/settings", "/admin/branding", "/admin/audit")]
    [InlineData("admin@example.test", ColorScheme.Dark, "/admin", "/admin/domains", "/admin/accounts", "/admin/aliases", "/admin/groups", "/admin/settings", "/admin/branding", "/admin/audit")]
    [InlineData("reseller@hafen.test", ColorScheme.Light, "/reseller", "/reseller/plans", "/reseller/branding", "/reseller/settings", "/reseller/audit")]
    [InlineData("reseller@hafen.test", ColorScheme.Dark, "/reseller", "/reseller/plans", "/reseller/branding", "/reseller/settings", "/reseller/audit")]
    [InlineData("operator@platform.test", ColorScheme.Light, "/operator", "/operator/resellers", "/operator/tenants", "/operator/domains", "/operator/plans", "/operator/queue", "/operator/nodes", "/operator/settings", "/operator/audit")]
    [InlineData("operator@platform.test", ColorScheme.Dark, "/operator", "/operator/resellers", "/operator/tenants", "/operator/domains", "/operator/plans", "/operator/queue", "/operator/nodes", "/operator/settings", "/operator/audit")]
    public async Task The_portal_is_accessible(string user, ColorScheme scheme, params string[] paths)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(scheme);
        await Browser.SignInAsync(page, _service["http"], user, paths[0]);
        var faults = new List<string>();
        foreach (var path in paths)
        {
            faults.AddRange(await VisitAsync(page, path));
        }

        Assert.Empty(faults);
    }

    private async Task<List<string>> VisitAsync(IPage page, string path)
    {
        await page.GotoAsync(_service["http"] + path);
        await Browser.SettledAsync(page);
        return await FaultsAsync(page, path);
    }

    private static async Task<List<string>> FaultsAsync(IPage page, string where)
    {
        var result = await page.RunAxe();
        return [.. result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{where}: {v.Id}: {v.Help}: {Targets(v)}")];
    }

    private static string Targets(AxeResultItem item) => string.Join(" | ", item.Nodes.Take(4).Select(n => $"{n.Target} {n.Html}"));
}
