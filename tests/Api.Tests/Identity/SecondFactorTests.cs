using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Client.Http;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using Xunit;

namespace SaaS.Api.Tests.Identity;

/// <summary>A code besides the password: set up, asked for, used once, replaced by a recovery code, taken away.</summary>
public sealed partial class SecondFactorTests : IAsyncLifetime
{
    private World _world = null!;
    private Estate _estate = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => _world.Host;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync();
        _estate = await _world.AddEstateAsync("wombat");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    // RFC 6238 appendix B, the last six digits of its eight.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long at, string code)
    {
        var secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        Assert.Equal(secret, Codes.ToBase32("12345678901234567890"u8.ToArray()));
        Assert.Equal(code, Codes.At(secret, at / 30));
    }

    [Fact]
    public async Task Sign_in_asks_for_a_code_and_takes_each_once()
    {
        var (secret, recovery) = await SetUpAsync(_estate.UserLogin);
        using var browser = Host.Browser();
        var attempt = SignInAttempt.ForWebmail();
        var page = await PasswordAsync(browser, attempt, _estate.UserLogin);
        Assert.Contains("name=\"code\"", page, StringComparison.Ordinal);
        Assert.False(await HasSessionAsync(browser, attempt));

        using var wrong = await CodeAsync(browser, page, "000000");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        var code = Codes.At(secret, Codes.Now + 1); // the confirmation used the one of now
        using var right = await CodeAsync(browser, page, code);
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        Assert.True(await HasSessionAsync(browser, attempt));

        using var second = Host.Browser();
        using var replayed = await CodeAsync(second, await PasswordAsync(second, SignInAttempt.ForWebmail(), _estate.UserLogin), code);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);

        using var third = Host.Browser();
        using var recovered = await CodeAsync(third, await PasswordAsync(third, SignInAttempt.ForWebmail(), _estate.UserLogin), recovery[0].ToUpperInvariant());
        Assert.Equal(HttpStatusCode.Redirect, recovered.StatusCode);
        using var again = Host.Browser();
        using var spent = await CodeAsync(again, await PasswordAsync(again, SignInAttempt.ForWebmail(), _estate.UserLogin), recovery[0]);
        Assert.Equal(HttpStatusCode.Unauthorized, spent.StatusCode);
    }

    [Fact]
    public async Task Guessing_codes_is_slowed_down_and_the_right_one_then_does_not_help()
    {
        var (secret, _) = await SetUpAsync(_estate.UserLogin);
        using var browser = Host.Browser();
        var page = await PasswordAsync(browser, SignInAttempt.ForWebmail(), _estate.UserLogin);
        for (var i = 0; i < 5; i++)
        {
            (await CodeAsync(browser, page, $"00000{i}")).Dispose();
        }

        using var late = await CodeAsync(browser, page, Codes.At(secret, Codes.Now + 1));
        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
    }

    [Fact]
    public async Task The_seal_of_one_page_signs_in_nobody_else_and_ends_with_the_password()
    {
        var (secret, _) = await SetUpAsync(_estate.UserLogin);
        using var browser = Host.Browser();
        var page = await PasswordAsync(browser, SignInAttempt.ForWebmail(), _estate.UserLogin);
        var form = ApiHost.HiddenFields(page);
        form["pending"] = "forged" + form["pending"];
        form["code"] = Codes.At(secret, Codes.Now + 1);
        using var forged = await browser.PostAsync("/connect/second-factor", new FormUrlEncodedContent(form), Ct);
        Assert.Equal("/", forged.Headers.Location?.ToString());

        await Host.As<AccountService>(CallerScope.Platform).SetPasswordAsync(new AccountId(_estate.Colleague), "another battery staple", Ct);
        using var ended = await CodeAsync(browser, page, Codes.At(secret, Codes.Now + 1));
        Assert.Equal("/", ended.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Who_has_to_have_one_sets_it_up_on_the_way_in()
    {
        using (var admin = Host.With(await Host.SignInAsync(_estate.AdminLogin, World.Password)))
        {
            using var set = await admin.PutAsJsonAsync($"/v1/settings/tenant/{_estate.Tenant}/signIn.secondFactor", new { value = "everyone" }, Ct);
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        }

        using var browser = Host.Browser();
        var attempt = SignInAttempt.ForWebmail();
        var page = await PasswordAsync(browser, attempt, _estate.UserLogin);
        Assert.False(await HasSessionAsync(browser, attempt));
        var secret = Secret().Match(page).Groups[1].Value;
        var form = ApiHost.HiddenFields(page);
        form["code"] = Codes.At(secret, Codes.Now);
        using var done = await browser.PostAsync("/connect/second-factor/setup", new FormUrlEncodedContent(form), Ct);
        Assert.Equal(SecondFactors.Codes, RecoveryCode().Count(await done.Content.ReadAsStringAsync(Ct)));
        Assert.True(await HasSessionAsync(browser, attempt));
    }

    [Fact]
    public async Task Mail_programs_no_longer_get_in_by_the_account_password()
    {
        var passwords = Host.Services.GetRequiredService<PasswordAuthenticator>();
        var from = IPAddress.Parse("192.0.2.1");
        Assert.True((await passwords.SignInAsync(_estate.UserLogin, World.Password, from, MailProtocols.Imap, Ct)).Ok);
        await SetUpAsync(_estate.UserLogin);
        Assert.False((await passwords.SignInAsync(_estate.UserLogin, World.Password, from, MailProtocols.Imap, Ct)).Ok);
        Assert.True((await passwords.SignInAsync(_estate.UserLogin, World.Password, from, Ct)).Ok);
    }

    [Fact]
    public async Task It_takes_the_password_to_change_it_and_an_admin_can_take_it_away()
    {
        using var user = Host.With(await Host.SignInAsync(_estate.UserLogin, World.Password));
        using var unproven = await user.PostAsJsonAsync("/v1/me/totp", new { password = "guess" }, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unproven.StatusCode);
        await SetUpAsync(_estate.UserLogin);
        using var admin = Host.With(await Host.SignInAsync(_estate.AdminLogin, World.Password));
        using var reset = await admin.PostAsync($"/v1/accounts/{_estate.Colleague}/second-factor/reset", null, Ct);
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/v1/me", Ct)).StatusCode);
        await Host.SignInAsync(_estate.UserLogin, World.Password);
    }

    [Fact]
    public async Task Clients_of_others_see_nothing_of_it()
    {
        var admin = await Host.SignInAsync(_estate.AdminLogin, World.Password);
        var service = await Host.OfServiceAsync(await Host.RegisterAsync(
            admin, new Client.OAuthClients.CreateOAuthClient("Robot", Client.OAuthClients.OAuthClientKind.Service, ["admin"])));
        using var robot = Host.With(service);
        Assert.Equal(HttpStatusCode.Forbidden, (await robot.GetAsync("/v1/me/sessions", Ct)).StatusCode);
    }

    [Fact]
    public async Task Sessions_are_listed_and_end_one_by_one()
    {
        var (first, second) = (await Host.SignInAsync(_estate.UserLogin, World.Password), await Host.SignInAsync(_estate.UserLogin, World.Password));
        using var here = Host.With(first);
        using var there = Host.With(second);
        var listed = (await here.GetFromJsonAsync<PageOf<SessionView>>("/v1/me/sessions", ApiJson.Options, Ct))!;
        Assert.Equal(2, listed.Items.Count);
        using var ended = await here.DeleteAsync($"/v1/me/sessions/{listed.Items.Single(x => !x.Current).Id}", Ct);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await there.GetAsync("/v1/me", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/v1/me", Ct)).StatusCode);
    }

    private async Task<(string Secret, IReadOnlyList<string> Recovery)> SetUpAsync(string login)
    {
        using var user = Host.With(await Host.SignInAsync(login, World.Password));
        using var started = await user.PostAsJsonAsync("/v1/me/totp", new { password = World.Password }, Ct);
        var totp = (await started.Content.ReadFromJsonAsync<TotpStarted>(ApiJson.Options, Ct))!;
        Assert.StartsWith("data:image/svg+xml;base64,", totp.Picture, StringComparison.Ordinal);
        using var confirmed = await user.PostAsJsonAsync("/v1/me/totp/confirm", new { code = Codes.At(totp.Secret, Codes.Now) }, Ct);
        confirmed.EnsureSuccessStatusCode();
        return (totp.Secret, (await confirmed.Content.ReadFromJsonAsync<RecoveryCodes>(ApiJson.Options, Ct))!.Codes);
    }

    private static async Task<string> PasswordAsync(HttpClient browser, SignInAttempt attempt, string login)
    {
        var page = await attempt.OpenAsync(browser);
        using var answer = await SignInAttempt.SubmitAsync(browser, page, login, World.Password);
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    private static Task<HttpResponseMessage> CodeAsync(HttpClient browser, string page, string code)
    {
        var form = ApiHost.HiddenFields(page);
        form["code"] = code;
        return browser.PostAsync("/connect/second-factor", new FormUrlEncodedContent(form), Ct);
    }

    private static async Task<bool> HasSessionAsync(HttpClient browser, SignInAttempt attempt)
    {
        using var answer = await browser.GetAsync(attempt.Url(), Ct);
        return attempt.AnswerOf(answer).ContainsKey("code");
    }

    [GeneratedRegex("<code class=\"address\">([A-Z2-7]+)</code>")]
    private static partial Regex Secret();

    [GeneratedRegex("<li><code>")]
    private static partial Regex RecoveryCode();

    /// <summary>An authenticator, written from RFC 6238 and not from our code.</summary>
    private static class Codes
    {
        private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

        public static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30;

        public static string At(string secret, long step)
        {
            var bits = string.Concat(secret.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
            var key = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
            var message = BitConverter.GetBytes(step).Reverse().ToArray();
#pragma warning disable CA5350 // RFC 6238 §1.2
            var mac = System.Security.Cryptography.HMACSHA1.HashData(key, message);
#pragma warning restore CA5350
            var at = mac[19] & 15;
            var number = ((mac[at] & 127) << 24) | (mac[at + 1] << 16) | (mac[at + 2] << 8) | mac[at + 3];
            return (number % 1000000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
        }

        public static string ToBase32(byte[] bytes)
        {
            var bits = string.Concat(bytes.Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
            return string.Concat(Enumerable.Range(0, bits.Length / 5).Select(i => Alphabet[Convert.ToInt32(bits.Substring(i * 5, 5), 2)]));
        }
    }
}
