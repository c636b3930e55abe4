using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>Chromium of the system, driven by Playwright.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const float Patience = 45_000;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;

    private Browser(IPlaywright playwright, IBrowser chromium) => (_playwright, _chromium) = (playwright, chromium);

    public static async Task<Browser> StartAsync()
    {
        var chromium = Tools.Need("chromium");
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            Timeout = 60_000,
        }));
    }

    /// <summary>A person's own window: nothing is shared with another's.</summary>
    public async Task<IPage> OpenAsync(ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _chromium.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new ViewportSize { Width = 1360, Height = 860 },
        });
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        return await context.NewPageAsync();
    }

    public static async Task SignInAsync(IPage page, string origin, string user, string path = "/", string password = "secret")
    {
        await page.GotoAsync(origin + path);
        await page.GetByLabel("Email address").FillAsync(user);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(new Regex("^" + Regex.Escape(origin) + "/(?!connect|signin)"));
    }

    /// <summary>Until the page is drawn and its circuit answers.</summary>
    public static async Task SettledAsync(IPage page)
    {
        await page.WaitForLoadStateAsync(LoadState.Load);
        await Assertions.Expect(page.Locator("#main")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#main :is(.skeleton, .p-skeleton, [aria-busy=true])")).ToHaveCountAsync(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.CloseAsync();
        _playwright.Dispose();
    }
}
