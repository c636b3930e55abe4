using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.OpenApi;
using SaaS.Api.Tests.OAuth;
using SaaS.Api.Tests.Tenancy;
using Xunit;

namespace SaaS.Api.Tests.Rest;

/// <summary>What every REST endpoint promises: problems, versions, safe repeats, pages, limits, and the document that says so.</summary>
public sealed class ContractTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => fixture.Host;

    [Fact]
    public async Task Every_no_is_a_problem_document()
    {
        using var admin = await AdminAsync();
        using var stranger = Host.With((string?)null);
        var domain = new { name = "twice.example" };
        await admin.PostAsJsonAsync("/v1/domains", domain, Ct);
        using var stale = new HttpRequestMessage(HttpMethod.Patch, $"/v1/accounts/{fixture.Estate.Colleague}")
        {
            Content = JsonContent.Create(new { displayName = "New" }),
            Headers = { { "If-Match", "\"1\"" } },
        };
        await ProblemAsync(400, await admin.PostAsync("/v1/domains", new StringContent("{", Encoding.UTF8, "application/json"), Ct));
        await ProblemAsync(401, await stranger.GetAsync("/v1/me", Ct));
        await ProblemAsync(403, await admin.GetAsync("/v1/nodes", Ct));
        await ProblemAsync(404, await admin.GetAsync("/v1/accounts/999999", Ct));
        await ProblemAsync(404, await admin.GetAsync("/v1/nothing", Ct));
        await ProblemAsync(400, await admin.GetAsync("/v1/accounts?cursor=x", Ct));
        await ProblemAsync(400, await admin.GetAsync("/v1/accounts?limit=0", Ct));
        await ProblemAsync(405, await admin.PutAsJsonAsync("/v1/accounts", domain, Ct));
        await ProblemAsync(415, await admin.PostAsync("/v1/domains", new StringContent("name"), Ct));
        using var page = With(HttpMethod.Get, "/v1/nothing", "Accept", "text/html");
        await ProblemAsync(404, await admin.SendAsync(page, Ct));
        await ProblemAsync(409, await admin.PostAsJsonAsync("/v1/domains", domain, Ct));
        await ProblemAsync(412, await admin.SendAsync(stale, Ct));
        var invalid = await ProblemAsync(422, await admin.PostAsJsonAsync("/v1/domains", new { name = "no domain" }, Ct));
        Assert.True(invalid.GetProperty("errors").TryGetProperty("name", out _));
        Assert.Equal("invalid", invalid.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Too_many_requests_end_in_429_and_every_answer_says_how_many_are_left()
    {
        await using var host = await ApiHost.StartAsync(("Api:AnonymousRatePerMinute", "3"));
        using var client = host.With((string?)null);
        for (var left = 2; left >= 0; left--)
        {
            using var answer = await client.GetAsync("/v1/branding", Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("3", answer.Headers.GetValues("RateLimit-Limit").Single());
            Assert.Equal($"{left}", answer.Headers.GetValues("RateLimit-Remaining").Single());
            Assert.InRange(int.Parse(answer.Headers.GetValues("RateLimit-Reset").Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        }

        using var over = await client.GetAsync("/v1/branding", Ct);
        Assert.NotNull(over.Headers.RetryAfter);
        await ProblemAsync(429, over);
    }

    [Fact]
    public async Task Versions_keep_two_writers_apart()
    {
        using var admin = await AdminAsync();
        var path = $"/v1/aliases/{fixture.Estate.Alias}";
        using var read = await admin.GetAsync(path, Ct);
        var tag = read.Headers.ETag!.ToString();
        using var unchanged = await admin.SendAsync(With(HttpMethod.Get, path, "If-None-Match", tag), Ct);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        using var first = await admin.SendAsync(With(HttpMethod.Patch, path, "If-Match", tag, new { enabled = false }), Ct);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEqual(tag, first.Headers.ETag!.ToString());
        using var second = await admin.SendAsync(With(HttpMethod.Patch, path, "If-Match", tag, new { enabled = true }), Ct);
        await ProblemAsync(412, second);
    }

    [Fact]
    public async Task A_create_that_is_repeated_under_its_key_is_done_once()
    {
        using var admin = await AdminAsync();
        HttpRequestMessage Create(string name) => With(HttpMethod.Post, "/v1/domains", "Idempotency-Key", "key-1", new { name });
        using var first = await admin.SendAsync(Create("once.example"), Ct);
        using var again = await admin.SendAsync(Create("once.example"), Ct);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(await first.Content.ReadAsStringAsync(Ct), await again.Content.ReadAsStringAsync(Ct));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        await ProblemAsync(422, await admin.SendAsync(Create("other.example"), Ct));
        Assert.DoesNotContain("other.example", await admin.GetStringAsync("/v1/domains", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_hold_everything_once()
    {
        using var admin = await AdminAsync();
        for (var i = 0; i < 5; i++)
        {
            (await admin.PostAsJsonAsync("/v1/aliases", new { address = $"page{i}@wombat.example", targets = new[] { "a@b.example" } }, Ct)).EnsureSuccessStatusCode();
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"/v1/aliases?q=page&limit=2{(cursor is null ? "" : "&cursor=" + cursor)}", Ct);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(x => x.GetProperty("address").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"page{i}@wombat.example"), seen);
    }

    [Fact]
    public async Task The_OpenAPI_document_is_3_1_without_a_fault_and_lists_every_endpoint()
    {
        using var client = Host.With((string?)null);
        var text = await client.GetStringAsync("/openapi/v1.json", Ct);
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);

        var listed = read.Document!.Paths.SelectMany(p => p.Value.Operations!.Keys.Select(m => $"{m.Method.ToUpperInvariant()} {p.Key}"));
        var operations = read.Document!.Paths.Values.SelectMany(p => p.Operations!.Values).ToList();
        Assert.All(operations, o => Assert.False(string.IsNullOrEmpty(o.Summary)));
        Assert.Equal(operations.Count, operations.Select(o => o.OperationId).Distinct().Count());
        Assert.All(operations.Where(o => o.RequestBody?.Content?.ContainsKey("application/json") == true), o => Assert.NotNull(o.RequestBody!.Content!["application/json"].Example));
        var accounts = read.Document.Paths["/v1/accounts"].Operations!;
        Assert.Equal(["cursor", "limit", "q"], accounts[HttpMethod.Get].Parameters!.Select(p => p.Name!).Intersect(["limit", "cursor", "q"]).Order());
        Assert.Contains(accounts[HttpMethod.Post].Parameters!, p => p.Name == "Idempotency-Key");
        Assert.Contains(read.Document.Paths["/v1/accounts/{id}"].Operations![HttpMethod.Patch].Parameters!, p => p.Name == "If-Match");
        Assert.Equal("ada@example.com", (string?)accounts[HttpMethod.Post].RequestBody!.Content!["application/json"].Example!["address"]);

        var mapped = TenancyMatrix.EndpointsOf(Host).Where(x => x.Key.Contains(" /v1/", StringComparison.Ordinal))
            .Select(x => x.Key.Replace(":long", "", StringComparison.Ordinal)).ToList();
        Assert.True(mapped.Count > 70);
        Assert.Equal(mapped.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_loopback_name_shows_the_brand_that_it_was_given()
    {
        // As the demonstration does; no caller of the API gives such a name.
        var db = Host.As<Domain.MailDbContext>(Domain.Common.CallerScope.Platform);
        db.Add(new Domain.Branding.BrandHost { Host = "shop.localhost", BrandId = fixture.Estate.Brand });
        await db.SaveChangesAsync(Ct);
        using var stranger = Host.With((string?)null, "http://shop.localhost");
        Assert.Contains($"{fixture.Estate.Mark} brand", await stranger.GetStringAsync("/v1/branding", Ct), StringComparison.Ordinal);
        using var other = Host.With((string?)null, "http://none.localhost");
        Assert.DoesNotContain($"{fixture.Estate.Mark} brand", await other.GetStringAsync("/v1/branding", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_admin_sees_where_their_own_mail_waits()
    {
        var waits = $"{fixture.Estate.Mark}-friends.test";
        using var admin = await AdminAsync();
        using var reseller = Host.With(await Host.SignInAsync(fixture.Estate.ResellerLogin, World.Password));
        foreach (var client in (HttpClient[])[admin, reseller])
        {
            var page = await client.GetFromJsonAsync<JsonElement>("/v1/queue/destinations", Ct);
            var row = Assert.Single(page.GetProperty("items").EnumerateArray(), x => x.GetProperty("destination").GetString() == waits);
            Assert.Equal(1, row.GetProperty("waiting").GetInt32() + row.GetProperty("trying").GetInt32() + row.GetProperty("held").GetInt32());
        }
    }

    [Theory]
    [InlineData("mail.wombat.example", "tenant", 200, true)]
    [InlineData("mail.free.test", "tenant", 200, false)]
    [InlineData("mail.free.test", "reseller", 200, false)]
    [InlineData("mail.koala.example", "reseller", 409, false)]
    [InlineData("koala.example", "tenant", 409, false)]
    [InlineData("login.gmail.com", "reseller", 422, false)]
    [InlineData("localhost", "reseller", 422, false)]
    [InlineData("mail.test", "reseller", 422, false)]
    [InlineData("login.mail.test", "reseller", 422, false)]
    [InlineData("one.test", "reseller", 422, false)]
    public async Task A_host_is_shown_at_once_only_below_a_domain_that_its_owner_has_proven(string host, string who, int expected, bool shown)
    {
        if (!await Host.As<Domain.MailDbContext>(Domain.Common.CallerScope.Platform).Domains.AnyAsync(x => x.Name == "koala.example", Ct))
        {
            await fixture.World.AddEstateAsync("koala");
        }

        using var admin = await AdminAsync();
        using var boss = Host.With(await Host.SignInAsync(fixture.Estate.ResellerLogin, World.Password));
        using var saved = await admin.PutAsJsonAsync(
            $"/v1/tenants/{fixture.Estate.Tenant}/brand", new { name = "Own", primaryColor = "#112233", accentColor = "#445566" }, Ct);
        var own = (await saved.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetInt64();
        using var answer = who == "tenant"
            ? await admin.PostAsJsonAsync($"/v1/brands/{own}/hosts", new { host }, Ct)
            : await boss.PostAsJsonAsync($"/v1/brands/{fixture.Estate.Brand}/hosts", new { host }, Ct);
        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected == 200)
        {
            var brand = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
            Assert.Equal(shown, brand.GetProperty("hosts").EnumerateArray().Any(x => x.GetString() == host));
            Assert.Equal(!shown, brand.GetProperty("claims").EnumerateArray().Any(x => x.GetProperty("host").GetString() == host));
        }
    }

    private async Task<HttpClient> AdminAsync() => Host.With(await Host.SignInAsync(fixture.Estate.AdminLogin, World.Password));

    private static HttpRequestMessage With(HttpMethod method, string path, string header, string value, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private static async Task<JsonElement> ProblemAsync(int status, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}, not {status}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.True(problem.TryGetProperty("title", out _));
        return problem;
    }
}
