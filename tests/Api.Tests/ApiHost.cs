using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.OAuthClients;
using SaaS.Domain.Common;
using SaaS.TestKit;

namespace SaaS.Api.Tests;

/// <summary>What POST /connect/token answered.</summary>
internal sealed record Tokens(string AccessToken, string? RefreshToken, string? IdToken, string Scope, string Raw);

/// <summary>The whole Api over a migrated database of its own, and what people and programs do with it.</summary>
internal sealed partial class ApiHost : WebApplicationFactory<CurrentUser>
{
    /// <summary>The public origin that requests come to unless they say another.</summary>
    public const string Origin = "https://mail.test";

    public const string AllScopes = "openid profile email offline_access mail.read mail.send admin";

    /// <summary>All that this Api finds in DNS.</summary>
    public Records Dns { get; } = new();

    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);

    public static async Task<ApiHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = new ApiHost();
        host._settings["ConnectionStrings:Postgres"] = settings.Any(x => x.Key == "ConnectionStrings:Postgres") ? "" : await TestPostgres.CreateDatabaseAsync();
        host._settings["Platform:Hosts:0"] = "mail.test";
        host._settings["Platform:Hosts:1"] = "mail.one.test";
        host._settings["Platform:Hosts:2"] = "mail.two.test";
        host._settings["KeyProtection:Keys:0"] = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        host._settings["Api:AnonymousRatePerMinute"] = "100000";
        host._settings["Logging:LogLevel:Default"] = "Warning";
        foreach (var (key, value) in settings)
        {
            host._settings[key] = value;
        }

        _ = host.Server; // starts it
        return host;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(services => services.AddSingleton<Domain.Dns.IDnsResolver>(Dns));
    }

    /// <summary>Another node on the same database.</summary>
    public Task<ApiHost> StartAnotherAsync(params (string Key, string Value)[] settings) =>
        StartAsync([("ConnectionStrings:Postgres", _settings["ConnectionStrings:Postgres"]), .. settings]);

    /// <summary>A unit of work of a Domain service, as somebody.</summary>
    public T As<T>(CallerScope scope)
        where T : notnull
    {
        var unit = Services.CreateScope();
        unit.ServiceProvider.GetRequiredService<Caller>().Scope = scope;
        return unit.ServiceProvider.GetRequiredService<T>();
    }

    /// <summary>A browser: keeps cookies, follows no redirect by itself.</summary>
    public HttpClient Browser(string origin = Origin) => CreateClient(
        new WebApplicationFactoryClientOptions { BaseAddress = new Uri(origin), AllowAutoRedirect = false, HandleCookies = true });

    /// <summary>A program that carries this token; none: a stranger.</summary>
    public HttpClient With(string? token, string origin = Origin)
    {
        var client = CreateClient(
            new WebApplicationFactoryClientOptions { BaseAddress = new Uri(origin), AllowAutoRedirect = false, HandleCookies = false });
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public HttpClient With(Tokens tokens, string origin = Origin) => With(tokens.AccessToken, origin);

    /// <summary>Code and PKCE, as the webmail does it: form, password, code, tokens.</summary>
    public async Task<Tokens> SignInAsync(string login, string password, string scopes = AllScopes, string origin = Origin)
    {
        using var browser = Browser(origin);
        var attempt = SignInAttempt.ForWebmail(origin, scopes);
        var code = await attempt.SignInAsync(browser, login, password);
        return await RedeemAsync(attempt, code, origin);
    }

    public async Task<Tokens> RedeemAsync(SignInAttempt attempt, string code, string origin = Origin)
    {
        using var client = With((string?)null, origin);
        return await ReadTokensAsync(await client.PostAsync("/connect/token", attempt.CodeForm(code)));
    }

    public async Task<HttpResponseMessage> TokenAsync(params (string Key, string Value)[] form)
    {
        using var client = With((string?)null);
        return await client.PostAsync("/connect/token", Form(form));
    }

    public async Task<Tokens> OfServiceAsync(OAuthClientCreated client) => await ReadTokensAsync(await TokenAsync(
        ("grant_type", "client_credentials"), ("client_id", client.Client.ClientId), ("client_secret", client.Secret!), ("scope", "admin")));

    public async Task<OAuthClientCreated> RegisterAsync(Tokens admin, CreateOAuthClient wanted)
    {
        using var client = With(admin);
        using var answer = await client.PostAsJsonAsync("/v1/oauth-clients", wanted, ApiJson.Options);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<OAuthClientCreated>(ApiJson.Options))!;
    }

    public static async Task<Tokens> ReadTokensAsync(HttpResponseMessage answer)
    {
        var raw = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{(int)answer.StatusCode}: {raw}");
        }

        var json = JsonDocument.Parse(raw).RootElement;
        return new Tokens(
            json.GetProperty("access_token").GetString()!, Text(json, "refresh_token"), Text(json, "id_token"), Text(json, "scope") ?? "", raw);
    }

    public static FormUrlEncodedContent Form(params (string Key, string Value)[] values) =>
        new(values.Select(x => KeyValuePair.Create(x.Key, x.Value)));

    /// <summary>The hidden fields of a page's first form, and those that only a later one has.</summary>
    public static Dictionary<string, string> HiddenFields(string html) => Hidden().Matches(html).DistinctBy(m => m.Groups[1].Value)
        .ToDictionary(m => m.Groups[1].Value, m => System.Net.WebUtility.HtmlDecode(m.Groups[2].Value), StringComparer.Ordinal);

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)"\s*/?>""")]
    private static partial Regex Hidden();
}

/// <summary>One authorization request with its PKCE verifier.</summary>
internal sealed class SignInAttempt(string clientId, string redirectUri, string scopes)
{
    public string Verifier { get; } = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public string State { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public string RedirectUri => redirectUri;

    public static SignInAttempt ForWebmail(string origin = ApiHost.Origin, string scopes = ApiHost.AllScopes) =>
        new("webmail", origin + "/signin-oidc", scopes);

    public Dictionary<string, string?> Parameters() => new(StringComparer.Ordinal)
    {
        ["client_id"] = clientId,
        ["redirect_uri"] = redirectUri,
        ["response_type"] = "code",
        ["scope"] = scopes,
        ["state"] = State,
        ["nonce"] = "n-" + State,
        ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
        ["code_challenge_method"] = "S256",
    };

    public string Url(Action<Dictionary<string, string?>>? change = null)
    {
        var parameters = Parameters();
        change?.Invoke(parameters);
        return QueryHelpers.AddQueryString("/connect/authorize", parameters);
    }

    /// <summary>Opens the sign-in page; returns its text.</summary>
    public async Task<string> OpenAsync(HttpClient browser)
    {
        using var redirect = await browser.GetAsync(Url());
        using var page = await browser.GetAsync(redirect.Headers.Location);
        return await page.Content.ReadAsStringAsync();
    }

    public static Task<HttpResponseMessage> SubmitAsync(HttpClient browser, string page, string login, string password)
    {
        var form = ApiHost.HiddenFields(page);
        form["login"] = login;
        form["password"] = password;
        return browser.PostAsync("/connect/sign-in", new FormUrlEncodedContent(form));
    }

    /// <summary>All the way to the code.</summary>
    public async Task<string> SignInAsync(HttpClient browser, string login, string password)
    {
        var page = await OpenAsync(browser);
        using var submitted = await SubmitAsync(browser, page, login, password);
        if (submitted.Headers.Location is not { } next)
        {
            throw new InvalidOperationException($"{(int)submitted.StatusCode}: {await submitted.Content.ReadAsStringAsync()}");
        }

        using var answer = await browser.GetAsync(next);
        return CodeOf(answer);
    }

    /// <summary>The code in the redirect back to the client.</summary>
    public string CodeOf(HttpResponseMessage answer) => AnswerOf(answer).TryGetValue("code", out var code)
        ? code.ToString()
        : throw new InvalidOperationException($"{(int)answer.StatusCode} {answer.Headers.Location}");

    /// <summary>What stands in the redirect back to the client, and only to it.</summary>
    public Dictionary<string, Microsoft.Extensions.Primitives.StringValues> AnswerOf(HttpResponseMessage answer)
    {
        var location = answer.Headers.Location?.ToString() ?? "";
        return location.StartsWith(redirectUri + "?", StringComparison.Ordinal)
            ? QueryHelpers.ParseQuery(location[redirectUri.Length..])
            : [];
    }

    public FormUrlEncodedContent CodeForm(string code) => ApiHost.Form(
        ("grant_type", "authorization_code"), ("client_id", clientId), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", Verifier));
}
