using System.Net;
using SaaS.Client.OAuthClients;
using Xunit;

namespace SaaS.Api.Tests.OAuth;

/// <summary>Clients of others: the user is asked once, and may say no. And how a session ends.</summary>
public sealed class ConsentTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private const string Callback = "https://calendar.elsewhere.test/callback";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => fixture.Host;

    [Fact]
    public async Task A_client_of_others_gets_a_code_only_after_the_user_has_agreed_and_is_asked_once()
    {
        var client = await RegisterAsync();
        using var browser = Host.Browser();
        var page = await OpenConsentAsync(browser, client);
        Assert.Contains("Calendar app", page.Text, StringComparison.Ordinal);
        Assert.Contains("Read and organise your mail", page.Text, StringComparison.Ordinal);
        using var agreed = await AnswerAsync(browser, page.Text, "yes");
        using var back = await browser.GetAsync(agreed.Headers.Location, Ct);
        Assert.NotEmpty(page.Attempt.CodeOf(back));

        var again = new SignInAttempt(client.Client.ClientId, Callback, "openid mail.read");
        using var unasked = await browser.GetAsync(again.Url(), Ct);
        Assert.NotEmpty(again.CodeOf(unasked));
    }

    [Fact]
    public async Task Cancel_tells_the_client_access_denied()
    {
        var client = await RegisterAsync();
        using var browser = Host.Browser();
        var page = await OpenConsentAsync(browser, client);
        using var refused = await AnswerAsync(browser, page.Text, "no");
        using var back = await browser.GetAsync(refused.Headers.Location, Ct);
        var answer = page.Attempt.AnswerOf(back);
        Assert.Equal("access_denied", answer["error"].ToString());
        Assert.Equal(page.Attempt.State, answer["state"].ToString());
    }

    [Fact]
    public async Task Signing_out_with_the_users_own_id_token_needs_no_question()
    {
        using var browser = Host.Browser();
        var attempt = SignInAttempt.ForWebmail();
        var tokens = await Host.RedeemAsync(attempt, await attempt.SignInAsync(browser, fixture.Estate.UserLogin, World.Password));
        using var answer = await browser.GetAsync(
            $"/connect/logout?id_token_hint={tokens.IdToken}&state=s1&post_logout_redirect_uri={ApiHost.Origin}/signout-callback-oidc", Ct);
        Assert.Equal($"{ApiHost.Origin}/signout-callback-oidc?state=s1", answer.Headers.Location?.ToString());
        Assert.False(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task A_link_alone_signs_nobody_out_it_asks()
    {
        using var browser = Host.Browser();
        await SignInAttempt.ForWebmail().SignInAsync(browser, fixture.Estate.UserLogin, World.Password);
        using var asked = await browser.GetAsync($"/connect/logout?post_logout_redirect_uri={ApiHost.Origin}/signout-callback-oidc&client_id=webmail", Ct);
        var page = await asked.Content.ReadAsStringAsync(Ct);
        Assert.Contains("Sign out?", page, StringComparison.Ordinal);
        Assert.Contains(fixture.Estate.UserLogin, page, StringComparison.Ordinal);
        using var forged = await browser.PostAsync("/connect/logout", ApiHost.Form(("answer", "yes")), Ct);
        Assert.True(await IsSignedInAsync(browser));

        using var answered = await browser.PostAsync("/connect/logout", new FormUrlEncodedContent(ApiHost.HiddenFields(page)), Ct);
        Assert.Equal($"{ApiHost.Origin}/signout-callback-oidc", answered.Headers.Location?.ToString());
        Assert.False(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task Signing_out_leads_to_no_other_origin()
    {
        using var browser = Host.Browser();
        using var answer = await browser.GetAsync("/connect/logout?post_logout_redirect_uri=https://evil.test/signout-callback-oidc&client_id=webmail", Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    private async Task<OAuthClientCreated> RegisterAsync() => await Host.RegisterAsync(
        await Host.SignInAsync(fixture.Estate.AdminLogin, World.Password),
        new CreateOAuthClient("Calendar app", OAuthClientKind.Web, ["mail.read"], [Callback]));

    private async Task<(SignInAttempt Attempt, string Text)> OpenConsentAsync(HttpClient browser, OAuthClientCreated client)
    {
        var attempt = new SignInAttempt(client.Client.ClientId, Callback, "openid mail.read");
        var form = await attempt.OpenAsync(browser);
        using var submitted = await SignInAttempt.SubmitAsync(browser, form, fixture.Estate.UserLogin, World.Password);
        using var redirect = await browser.GetAsync(submitted.Headers.Location, Ct);
        Assert.StartsWith("/connect/consent", redirect.Headers.Location?.ToString(), StringComparison.Ordinal);
        return (attempt, await browser.GetStringAsync(redirect.Headers.Location, Ct));
    }

    private static Task<HttpResponseMessage> AnswerAsync(HttpClient browser, string page, string answer)
    {
        var form = ApiHost.HiddenFields(page);
        form["answer"] = answer;
        return browser.PostAsync("/connect/consent", new FormUrlEncodedContent(form), Ct);
    }

    private static async Task<bool> IsSignedInAsync(HttpClient browser)
    {
        var attempt = SignInAttempt.ForWebmail();
        using var answer = await browser.GetAsync(attempt.Url(p => p["prompt"] = "none"), Ct);
        return attempt.AnswerOf(answer).ContainsKey("code");
    }
}
