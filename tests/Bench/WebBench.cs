using System.Diagnostics;
using Microsoft.Playwright;

namespace SaaS.Bench;

/// <summary>What a person waits for in the webmail: the first paint, the first row of the list, an opened message.</summary>
internal static class WebBench
{
    public static async Task RunAsync(Options options)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = options.Text("chromium") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(options.Run("http"));
        await page.FillAsync("input[type=email], input[name=Email], input[type=text]", options.Text("user") ?? "alice@example.test");
        await page.FillAsync("input[type=password]", "secret");
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync(".row-open");

        var (paint, row, open) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < 6; i++)
        {
            var clock = Stopwatch.StartNew();
            await page.GotoAsync(options.Run("http"), new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
            await page.WaitForSelectorAsync(".row-open");
            row.Add(clock.Elapsed.TotalMilliseconds);
            paint.Add(await page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"));

            // Once the page is live, a click shows the message.
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            clock.Restart();
            await page.Locator(".row-open").Nth(i % 3).ClickAsync();
            await page.WaitForSelectorAsync(".card-open");
            open.Add(clock.Elapsed.TotalMilliseconds);
        }

        Console.WriteLine($"web: first paint {paint.Min():0} ms, first row {row.Min():0} ms, message open {open.Min():0} ms (best of six)");
        Console.WriteLine("Bound by: rendering on the server and one round trip; the browser shares this machine's cores.");
    }
}
