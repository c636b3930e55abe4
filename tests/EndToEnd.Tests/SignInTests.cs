using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SaaS.EndToEnd.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace SaaS.EndToEnd.Tests;

/// <summary>What a person signs in with besides the password, in a real browser.</summary>
[Collection(ServiceCollection.Name)]
public sealed class SignInTests(SharedService shared)
{
    private readonly string _origin = shared.Service["http"];

    [Fact]
    public async Task A_passkey_is_made_and_signs_in_without_a_password()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        var device = await page.Context.NewCDPSessionAsync(page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new
            {
                protocol = "ctap2",
                transport = "internal",
                hasResidentKey = true,
                hasUserVerification = true,
                isUserVerified = true,
                automaticPresenceSimulation = true,
            },
        });
        await Browser.SignInAsync(page, _origin, "u30@example.test", "/account/security");
        await Browser.SettledAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("My laptop");
        await page.GetByLabel("Your password").FillAsync("secret");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.Locator("#main").GetByText("My laptop")).ToBeVisibleAsync();

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(_origin + "/mail");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.WaitForURLAsync(new Regex("/mail$"));
        await Browser.SettledAsync(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Inbox" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_code_is_asked_for_once_an_authenticator_is_set_up_and_a_recovery_code_stands_in_for_it()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync();
        await Browser.SignInAsync(page, _origin, "u31@example.test", "/account/security");
        await Browser.SettledAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await page.GetByLabel("Your password").FillAsync("secret");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByAltText("QR code for the authenticator app")).ToBeVisibleAsync();
        var secret = Regex.Match(await page.Locator(".mud-dialog").InnerTextAsync(), "[A-Z2-7]{32,}", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        await page.GetByLabel("Code").FillAsync(CodeOf(secret));
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        var recovery = await page.Locator(".p-codes li").First.InnerTextAsync();

        var other = await browser.OpenAsync();
        await other.GotoAsync(_origin + "/");
        await other.GetByLabel("Email address").FillAsync("u31@example.test");
        await other.GetByLabel("Password").FillAsync("secret");
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await other.GetByRole(AriaRole.Textbox).FillAsync("000000");
        await other.Keyboard.PressAsync("Enter");
        await Expect(other.Locator(".error").First).ToBeVisibleAsync();
        await other.GetByRole(AriaRole.Textbox).FillAsync(recovery);
        await other.Keyboard.PressAsync("Enter");
        await other.WaitForURLAsync(new Regex("/(mail)?$"));
        await Browser.SettledAsync(other);
    }

    // RFC 6238 §4, with the defaults of RFC 4226 that every app uses.
    private static string CodeOf(string secret)
    {
        var bits = string.Concat(secret.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        var step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // the algorithm that authenticator apps know
        var hash = HMACSHA1.HashData(key, step);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[19] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }
}
