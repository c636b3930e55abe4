using System.Net;
using System.Text.Json;
using Xunit;

namespace SaaS.Api.Tests.OAuth;

/// <summary>Authorization code and PKCE through the sign-in page (RFC 6749, RFC 7636, OpenID Connect Core).</summary>
public sealed class SignInTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => fixture.Host;

    [Fact]
    public async Task The_form_leads_to_a_code_and_the_code_to_tokens_of_the_user()
    {
        var tokens = await Host.SignInAsync(fixture.Estate.AdminLogin.ToUpperInvariant(), World.Password);
        Assert.NotNull(tokens.RefreshToken);
        var id = Claims(tokens.IdToken!);
        Assert.Equal(fixture.Estate.AdminLogin, id.GetProperty("preferred_username").GetString());
        Assert.Equal(ApiHost.Origin + "/", id.GetProperty("iss").GetString());
        Assert.Equal(["tenant_admin", "user"], id.GetProperty("role").EnumerateArray().Select(x => x.GetString()).Order());
        Assert.False(id.TryGetProperty("stamp", out _));
        using var client = Host.With(tokens);
        var info = JsonDocument.Parse(await client.GetStringAsync("/connect/userinfo", Ct)).RootElement;
        Assert.Equal(fixture.Estate.AdminLogin, info.GetProperty("email").GetString());
        Assert.Contains(fixture.Estate.AdminLogin, await client.GetStringAsync("/v1/me", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scopes_that_the_user_cannot_fill_are_left_out()
    {
        var user = await Host.SignInAsync(fixture.Estate.UserLogin, World.Password);
        Assert.DoesNotContain("admin", user.Scope.Split(' '));
        Assert.Contains("mail.read", user.Scope.Split(' '));
        var boss = await Host.SignInAsync(fixture.Estate.ResellerLogin, World.Password);
        Assert.Contains("admin", boss.Scope.Split(' '));
        Assert.DoesNotContain("mail.read", boss.Scope.Split(' '));
    }

    [Fact]
    public async Task A_wrong_password_shows_the_form_again_and_says_nothing_of_which_was_wrong()
    {
        using var browser = Host.Browser();
        var page = await SignInAttempt.ForWebmail().OpenAsync(browser);
        using var wrong = await SignInAttempt.SubmitAsync(browser, page, fixture.Estate.UserLogin, "not this one");
        using var nobody = await SignInAttempt.SubmitAsync(browser, page, "nobody@wombat.example", "not this one");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        var text = await wrong.Content.ReadAsStringAsync(Ct);
        Assert.Contains("The address or the password is not right.", text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{fixture.Estate.UserLogin}\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not this one", text, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", string.Concat(wrong.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("no-store", wrong.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_the_page_says_so()
    {
        using var browser = Host.Browser();
        var page = await SignInAttempt.ForWebmail().OpenAsync(browser);
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await SignInAttempt.SubmitAsync(browser, page, "guessed@wombat.example", $"guess {i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var slow = await SignInAttempt.SubmitAsync(browser, page, "guessed@wombat.example", "guess 11");
        Assert.Equal(HttpStatusCode.TooManyRequests, slow.StatusCode);
        Assert.Contains("Too many attempts", await slow.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_another_site_signs_nobody_in()
    {
        using var browser = Host.Browser();
        var page = await SignInAttempt.ForWebmail().OpenAsync(browser);
        var form = ApiHost.HiddenFields(page);
        form["form"] = "forged";
        form["login"] = fixture.Estate.UserLogin;
        form["password"] = World.Password;
        using var answer = await browser.PostAsync("/connect/sign-in", new FormUrlEncodedContent(form), Ct);
        Assert.Equal("/", answer.Headers.Location?.ToString());
        Assert.DoesNotContain(answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [], c => c.StartsWith("postyard.session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test/")]
    [InlineData("/connect/authorizeX")]
    [InlineData("/\\evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData("/connect/authorize\r\nX: y")]
    public async Task The_page_leads_nowhere_else(string returnUrl)
    {
        using var browser = Host.Browser();
        using var answer = await browser.GetAsync("/connect/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl), Ct);
        Assert.Equal("/", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Without_PKCE_there_is_no_code()
    {
        using var browser = Host.Browser();
        var attempt = SignInAttempt.ForWebmail();
        using var none = await browser.GetAsync(attempt.Url(p => { p.Remove("code_challenge"); p.Remove("code_challenge_method"); }), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Null(none.Headers.Location);
        Assert.Contains("invalid_request", await none.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var wrong = await RedeemAsync(attempt, "x" + attempt.Verifier);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("invalid_grant", await wrong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.test/signin-oidc")]
    [InlineData("https://mail.test.evil.test/signin-oidc")]
    [InlineData("http://mail.test/signin-oidc")]
    [InlineData("https://mail.test/elsewhere")]
    [InlineData("https://mail.test@evil.test/signin-oidc")]
    public async Task A_redirect_to_another_origin_is_refused_on_a_page_of_ours(string redirect)
    {
        using var browser = Host.Browser();
        using var answer = await browser.GetAsync(SignInAttempt.ForWebmail().Url(p => p["redirect_uri"] = redirect), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        Assert.Contains("This link does not work", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_works_once()
    {
        using var browser = Host.Browser();
        var attempt = SignInAttempt.ForWebmail();
        var code = await attempt.SignInAsync(browser, fixture.Estate.UserLogin, World.Password);
        var first = await Host.RedeemAsync(attempt, code);
        using var client = Host.With((string?)null);
        using var again = await client.PostAsync("/connect/token", attempt.CodeForm(code), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);

        // RFC 6749 §4.1.2: what came of a code that is used twice is taken back.
        using var refresh = await Host.TokenAsync(("grant_type", "refresh_token"), ("client_id", "webmail"), ("refresh_token", first.RefreshToken!));
        Assert.Equal(HttpStatusCode.BadRequest, refresh.StatusCode);
    }

    [Fact]
    public async Task Each_host_is_its_own_issuer()
    {
        foreach (var origin in new[] { "https://mail.one.test", "https://mail.two.test:8443" })
        {
            using var client = Host.With((string?)null, origin);
            var document = JsonDocument.Parse(await client.GetStringAsync("/.well-known/openid-configuration", Ct)).RootElement;
            Assert.Equal(origin + "/", document.GetProperty("issuer").GetString());
            Assert.Equal(origin + "/connect/token", document.GetProperty("token_endpoint").GetString());
            Assert.Contains("S256", document.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(x => x.GetString()));
        }

        var tokens = await Host.SignInAsync(fixture.Estate.UserLogin, World.Password, origin: "https://mail.one.test");
        using var there = Host.With(tokens, "https://mail.one.test");
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/v1/me", Ct)).StatusCode);
        using var elsewhere = Host.With(tokens, "https://mail.two.test:8443");
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/v1/me", Ct)).StatusCode);
    }

    [Fact]
    public async Task The_page_wears_the_brand_of_its_host()
    {
        using var browser = Host.Browser($"https://mail.{fixture.Estate.Mark}-reseller.test");
        var page = await SignInAttempt.ForWebmail($"https://mail.{fixture.Estate.Mark}-reseller.test").OpenAsync(browser);
        Assert.Contains("wombat brand", page, StringComparison.Ordinal);
        Assert.Contains("#0b7285", page, StringComparison.Ordinal);
        using var other = Host.Browser();
        Assert.DoesNotContain("wombat", await SignInAttempt.ForWebmail().OpenAsync(other), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> RedeemAsync(SignInAttempt attempt, string verifier)
    {
        using var browser = Host.Browser();
        var code = await attempt.SignInAsync(browser, fixture.Estate.UserLogin, World.Password);
        return await Host.TokenAsync(
            ("grant_type", "authorization_code"), ("client_id", "webmail"), ("code", code), ("redirect_uri", attempt.RedirectUri),
            ("code_verifier", verifier));
    }

    private static JsonElement Claims(string token) => JsonDocument.Parse(
        Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(token.Split('.')[1])).RootElement;
}
