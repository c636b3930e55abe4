using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;
using Xunit;

namespace SaaS.Api.Tests.Hosting;

/// <summary>Which names are served, what they show, and how a brand comes by one.</summary>
public sealed class HostTests : IAsyncLifetime
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

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/connect/sign-in?returnUrl=%2Fconnect%2Fauthorize")]
    [InlineData("/v1/branding")]
    [InlineData("/.well-known/jmap")]
    public async Task A_name_that_is_nobodys_is_not_served(string path)
    {
        using var client = Host.With((string?)null, "https://made-up.evil.test");
        using var answer = await client.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.DoesNotContain("made-up", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var probe = await client.GetAsync("/health/live", Ct);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    [Fact]
    public async Task A_claimed_host_shows_nothing_until_its_record_is_there()
    {
        using var boss = await BossAsync();
        var claim = await ClaimAsync(boss, "mail.customer.test");
        Assert.Equal("_postyard-challenge.mail.customer.test", claim.GetProperty("recordName").GetString());
        using var early = await boss.PostAsync($"/v1/brands/{_estate.Brand}/hosts/mail.customer.test/verify", null, Ct);
        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await BrandAsync("mail.customer.test")).Status);

        Host.Dns.Txt[claim.GetProperty("recordName").GetString()!] = claim.GetProperty("txtValue").GetString()!;
        using var proven = await boss.PostAsync($"/v1/brands/{_estate.Brand}/hosts/mail.customer.test/verify", null, Ct);
        Assert.Equal(HttpStatusCode.OK, proven.StatusCode);
        Assert.Equal("wombat brand", (await BrandAsync("mail.customer.test")).Name);
    }

    [Fact]
    public async Task A_CNAME_with_the_token_proves_a_host_and_the_token_of_another_brand_does_not()
    {
        var other = await _world.AddEstateAsync("koala");
        using var boss = await BossAsync();
        using var rival = Host.With(await Host.SignInAsync(other.ResellerLogin, World.Password));
        var mine = await ClaimAsync(boss, "mail.customer.test");
        using var theirs = await rival.PostAsJsonAsync($"/v1/brands/{other.Brand}/hosts", new { host = "mail.customer.test" }, Ct);
        Assert.Equal(HttpStatusCode.OK, theirs.StatusCode); // a claim blocks nobody
        Host.Dns.Cname[mine.GetProperty("recordName").GetString()!] = mine.GetProperty("cnameTarget").GetString()!;
        using var stolen = await rival.PostAsync($"/v1/brands/{other.Brand}/hosts/mail.customer.test/verify", null, Ct);
        Assert.Equal(HttpStatusCode.Conflict, stolen.StatusCode);
        using var proven = await boss.PostAsync($"/v1/brands/{_estate.Brand}/hosts/mail.customer.test/verify", null, Ct);
        Assert.Equal(HttpStatusCode.OK, proven.StatusCode);

        // Now it is taken, whatever the rival publishes.
        Host.Dns.Txt["_postyard-challenge.mail.customer.test"] = (await ReadBrandAsync(rival)).GetProperty("claims")[0].GetProperty("txtValue").GetString()!;
        using var late = await rival.PostAsync($"/v1/brands/{other.Brand}/hosts/mail.customer.test/verify", null, Ct);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal("wombat brand", (await BrandAsync("mail.customer.test")).Name);
    }

    [Fact]
    public async Task Only_an_operator_vouches_for_a_host_and_nobody_gives_the_platforms_own_away()
    {
        using var boss = await BossAsync();
        await ClaimAsync(boss, "mail.customer.test");
        using var self = await boss.PostAsync($"/v1/brands/{_estate.Brand}/hosts/mail.customer.test/vouch", null, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, self.StatusCode);
        using var root = Host.With(await _world.OperatorAsync());
        using var vouched = await root.PostAsync($"/v1/brands/{_estate.Brand}/hosts/mail.customer.test/vouch", null, Ct);
        Assert.Equal(HttpStatusCode.OK, vouched.StatusCode);
        using var own = await root.PostAsJsonAsync($"/v1/brands/{_estate.Brand}/hosts", new { host = "mail.test" }, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, own.StatusCode);
    }

    [Fact]
    public async Task A_host_below_a_proven_domain_falls_back_to_the_tenants_brand_then_the_resellers_then_the_platforms()
    {
        Assert.Equal("wombat brand", (await BrandAsync("webmail.wombat.example")).Name);
        using var admin = Host.With(await Host.SignInAsync(_estate.AdminLogin, World.Password));
        using var saved = await admin.PutAsJsonAsync(
            $"/v1/tenants/{_estate.Tenant}/brand", new { name = "Own brand", primaryColor = "#112233", accentColor = "#445566" }, Ct);
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        Assert.Equal("Own brand", (await BrandAsync("webmail.wombat.example")).Name);
        Assert.Equal("Postyard", (await BrandAsync("mail.test")).Name);

        using var root = Host.With(await _world.OperatorAsync());
        using var ours = await root.PutAsJsonAsync("/v1/brand", new { name = "Telco Mail", primaryColor = "#112233", accentColor = "#445566" }, Ct);
        Assert.Equal(HttpStatusCode.OK, ours.StatusCode);
        Assert.Equal("Telco Mail", (await BrandAsync("mail.test")).Name);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await BrandAsync("wombat.example.evil.test")).Status);
    }

    [Fact]
    public async Task Every_answer_carries_headers_that_keep_it_to_itself()
    {
        using var boss = await BossAsync();
        using var answer = await boss.GetAsync("/v1/me", Ct);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private async Task<HttpClient> BossAsync() => Host.With(await Host.SignInAsync(_estate.ResellerLogin, World.Password));

    private async Task<JsonElement> ClaimAsync(HttpClient boss, string host)
    {
        using var answer = await boss.PostAsJsonAsync($"/v1/brands/{_estate.Brand}/hosts", new { host }, Ct);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("claims").EnumerateArray().Single(x => x.GetProperty("host").GetString() == host);
    }

    private static async Task<JsonElement> ReadBrandAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/v1/brands", Ct)).GetProperty("items").EnumerateArray()
            .Single(x => !x.TryGetProperty("tenantId", out var tenant) || tenant.ValueKind == JsonValueKind.Null);

    private async Task<(HttpStatusCode Status, string? Name)> BrandAsync(string host)
    {
        Host.As<HostBrands>(CallerScope.Platform).Forget();
        using var client = Host.With((string?)null, "https://" + host);
        using var answer = await client.GetAsync("/v1/branding", Ct);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        return (answer.StatusCode, json.TryGetProperty("name", out var name) ? name.GetString() : null);
    }
}
