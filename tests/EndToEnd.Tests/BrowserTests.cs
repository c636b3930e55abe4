using MailKit;
using Microsoft.Playwright;
using SaaS.EndToEnd.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SaaS.EndToEnd.Tests;

/// <summary>What people do in chromium: read mail as it comes, and run their domain.</summary>
[Collection(ServiceCollection.Name)]
public sealed class BrowserTests(SharedService shared)
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task A_strangers_message_appears_in_the_webmail_without_a_reload()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u20@example.test");
        await Browser.SettledAsync(page);
        await page.EvaluateAsync("() => { window.notReloaded = true; }");
        var subject = $"Out of the blue {Guid.NewGuid():N}";

        await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u20@example.test", subject, "Seen without a reload."), ct);

        var row = page.GetByRole(AriaRole.Row).Filter(new LocatorFilterOptions { HasText = subject });
        await Expect(row).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.notReloaded === true"));
        await row.ClickAsync();
        await Expect(page.Locator(".reading")).ToContainTextAsync(subject);
    }

    [Fact]
    public async Task An_admin_adds_a_domain_and_a_mailbox_and_uses_them_at_once()
    {
        var ct = TestContext.Current.CancellationToken;
        var domain = $"new{Guid.NewGuid():N}"[..12] + ".test";
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "admin@example.test", "/admin/domains");
        await Browser.SettledAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add domain" }).ClickAsync();
        await page.GetByLabel("Domain", new() { Exact = true }).FillAsync(domain);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Prove that {domain} is yours" })).ToBeVisibleAsync();

        // Nobody can publish a record for .test, so the operator vouches, in a window of their own.
        var operators = await browser.OpenAsync();
        await Browser.SignInAsync(operators, _service["http"], "operator@platform.test", "/operator/domains");
        await operators.GetByRole(AriaRole.Link, new() { Name = domain }).ClickAsync();
        await operators.GetByRole(AriaRole.Button, new() { Name = "Vouch for it" }).ClickAsync();
        await operators.GetByRole(AriaRole.Button, new() { Name = "Vouch", Exact = true }).ClickAsync();
        await Expect(operators.GetByText("Verified").First).ToBeVisibleAsync();

        await page.GotoAsync(_service["http"] + $"/admin/accounts?new=1&domain={domain}");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Nora New");
        await page.Locator("#address-local").FillAsync("nora");
        await page.Locator("#f-password").FillAsync("correct horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByText("can sign in and get mail now")).ToBeVisibleAsync();

        await _service.DeliverAsync(Service.Compose("stranger@remote.test", $"nora@{domain}", "Welcome"), ct);
        using var imap = await _service.ImapAsync($"nora@{domain}", ct, "correct horse battery");
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly, ct);
        Assert.Equal(1, imap.Inbox.Count);
    }
}
