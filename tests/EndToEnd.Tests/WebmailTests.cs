using Microsoft.Playwright;
using SaaS.EndToEnd.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SaaS.EndToEnd.Tests;

/// <summary>What a user of the webmail does beside reading: sends later, chooses a look, tidies a folder, searches.</summary>
[Collection(ServiceCollection.Name)]
public sealed class WebmailTests(SharedService shared)
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task A_message_for_later_waits_in_Scheduled_and_is_in_Sent_only_when_it_went()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u21@example.test");
        await Browser.SettledAsync(page);
        var subject = $"For later {Guid.NewGuid():N}";
        await WriteAsync(page, "u22@example.test", subject);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send later" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "In one hour" }).ClickAsync();
        await Expect(page.GetByText("Scheduled for")).ToBeVisibleAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = subject });
        await page.GotoAsync(_service["http"] + "/mail/sent");
        await Browser.SettledAsync(page);
        await Expect(row).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Link, new() { Name = "Scheduled" }).ClickAsync();
        await Expect(row.Locator(".row-waits")).ToBeVisibleAsync();
        await row.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send now" }).ClickAsync();
        await Expect(page.GetByText("Message sent")).ToBeVisibleAsync();
        await page.GotoAsync(_service["http"] + "/mail/sent");
        await Expect(row).ToBeVisibleAsync();

        var other = await browser.OpenAsync();
        await Browser.SignInAsync(other, _service["http"], "u22@example.test");
        await Expect(other.GetByRole(AriaRole.Row).Filter(new() { HasText = subject })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Undo_brings_the_message_back_and_nothing_is_sent()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u23@example.test", "/mail/settings");
        await page.GetByRole(AriaRole.Radio, new() { Name = "60 s" }).ClickAsync();
        await page.GotoAsync(_service["http"] + "/mail");
        await Browser.SettledAsync(page);
        var subject = $"Too fast {Guid.NewGuid():N}";
        await WriteAsync(page, "u24@example.test", subject);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByPlaceholder("Subject")).ToHaveValueAsync(subject);
        await page.GotoAsync(_service["http"] + "/mail/drafts");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = subject })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_chosen_in_one_browser_holds_in_another()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u25@example.test", "/mail/settings");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Dark" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Below" }).ClickAsync();
        await Expect(page.Locator("html[data-theme=dark][data-pane=below]")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Below", Checked = true })).ToBeVisibleAsync();

        var other = await browser.OpenAsync();
        await Browser.SignInAsync(other, _service["http"], "u25@example.test");
        await Expect(other.Locator("html[data-theme=dark][data-pane=below]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task All_of_a_folder_is_read_at_once_and_taken_back()
    {
        var ct = TestContext.Current.CancellationToken;
        for (var i = 0; i < 5; i++)
        {
            await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u26@example.test", $"Unread {i} {Guid.NewGuid():N}"), ct);
        }

        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u26@example.test");
        await Expect(page.Locator(".row-unread")).ToHaveCountAsync(5);
        await page.GetByRole(AriaRole.Button, new() { Name = "More for this list" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark all as read" }).ClickAsync();
        await Expect(page.Locator(".row-unread")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Locator(".row-unread")).ToHaveCountAsync(5);
    }

    [Fact]
    public async Task A_search_suggests_finds_and_marks()
    {
        var ct = TestContext.Current.CancellationToken;
        await _service.DeliverAsync(Service.Compose("stranger@remote.test", "u27@example.test", "About zebras", "There is a quagga among them."), ct);
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _service["http"], "u27@example.test");
        await Expect(page.GetByRole(AriaRole.Row).First).ToBeVisibleAsync();
        var box = page.GetByRole(AriaRole.Combobox, new() { Name = "Search mail" });
        await box.FillAsync("is:unr");
        await page.GetByRole(AriaRole.Option, new() { Name = "is:unread" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "About zebras" })).ToBeVisibleAsync();
        await box.FillAsync("quagga");
        await box.PressAsync("Enter");
        await Expect(page.Locator(".row mark")).ToHaveTextAsync("quagga");
    }

    private static async Task WriteAsync(IPage page, string to, string subject)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Write", Exact = true }).ClickAsync();
        await page.GetByLabel("To", new() { Exact = true }).FillAsync(to + ",");
        await page.GetByPlaceholder("Subject").FillAsync(subject);
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Message text" }).FillAsync("Hello.");
    }
}
