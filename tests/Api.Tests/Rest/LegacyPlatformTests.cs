using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Api.Tests.OAuth;
using SaaS.Client.Accounts;
using SaaS.Client.Http;
using SaaS.Client.LegacyPlatforms;
using Xunit;

namespace SaaS.Api.Tests.Rest;

public sealed class LegacyPlatformTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private static readonly LegacyHosts Hosts = new(
        Imap: new LegacyHost("IMAP.old.example", 993, LegacyEncryption.Implicit), Delivery: new LegacyHost("203.0.114.9", 25, LegacyEncryption.StartTls));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_sets_one_up_flips_accounts_there_and_back_and_takes_it_away()
    {
        using var http = await AsAdminAsync();
        var api = new ApiClient(http);
        var made = await api.LegacyPlatforms.CreateAsync(
            new CreateLegacyPlatform("Old", Hosts, LegacyUserNames.LocalPart, MasterUser: "boss", MasterPassword: "hidden-secret"), Ct);
        Assert.Equal("imap.old.example", made.Hosts.Imap!.Host);
        Assert.True(made is { Editable: true, HasMasterUser: true, OperatorDefined: false });
        Assert.DoesNotContain("hidden-secret", await http.GetStringAsync($"/v1/legacy-platforms/{made.Id}", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-secret", await http.GetStringAsync("/v1/audit", Ct), StringComparison.Ordinal);

        var account = await api.Accounts.SetHomeAsync(fixture.Estate.Colleague, new SetAccountHome(true, made.Id, "short"), Ct);
        Assert.True(account is { AtLegacy: true, LegacyUserName: "short" });
        using var refused = await http.DeleteAsync($"/v1/legacy-platforms/{made.Id}", Ct);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        // What was made for the move needs no password.
        var moving = await api.Accounts.CreateAsync(new CreateAccount($"moving@{fixture.Estate.DomainName}", "Moving", null, LegacyPlatformId: made.Id), Ct);
        Assert.True(moving.AtLegacy);
        var moved = await api.LegacyPlatforms.MoveAsync(made.Id, new MoveHomes(false, fixture.Estate.Domain), Ct);
        Assert.Equal((2, 0), (moved.Changed, moved.Refused.Count));
        Assert.False((await api.Accounts.GetAsync(fixture.Estate.Colleague, Ct)).AtLegacy);
        Assert.Equal((2, 0), ((await api.LegacyPlatforms.GetAsync(made.Id, Ct)).Accounts, (await api.LegacyPlatforms.GetAsync(made.Id, Ct)).AtHome));
        await api.LegacyPlatforms.DeleteAsync(made.Id, null, Ct);
        Assert.Null((await api.Accounts.GetAsync(fixture.Estate.Colleague, Ct)).LegacyPlatformId);
    }

    [Theory]
    [InlineData("imap", "10.0.0.1", 993, LegacyEncryption.Implicit)]
    [InlineData("imap", "imap.old.example", 143, LegacyEncryption.None)]
    [InlineData("imap", "imap.old.example", 22, LegacyEncryption.Implicit)]
    [InlineData("imap", "no host", 993, LegacyEncryption.Implicit)]
    [InlineData("imap", "imap.old.example", 70000, LegacyEncryption.Implicit)]
    public async Task What_a_customer_may_not_reach_is_refused_at_its_field(string field, string host, int port, LegacyEncryption encryption)
    {
        using var http = await AsAdminAsync();
        using var answer = await http.PostAsJsonAsync(
            "/v1/legacy-platforms", new CreateLegacyPlatform("Bad", Hosts with { Imap = new LegacyHost(host, port, encryption) }), ApiJson.Options, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task An_operators_platform_is_everybodys_to_use_and_nobody_elses_to_change()
    {
        using var root = fixture.Host.With(await fixture.Host.SignInAsync(World.OperatorLogin, World.Password));
        var made = await new ApiClient(root).LegacyPlatforms.CreateAsync(
            new CreateLegacyPlatform("Everybody's", Hosts with { Imap = new LegacyHost("10.0.0.1", 143, LegacyEncryption.None) }, MasterUser: "boss", MasterPassword: "x"), Ct);
        using var http = await AsAdminAsync();
        var seen = await new ApiClient(http).LegacyPlatforms.GetAsync(made.Id, Ct);
        Assert.True(seen is { Editable: false, HasMasterUser: true, MasterUser: null });
        using var patch = await http.PatchAsJsonAsync($"/v1/legacy-platforms/{made.Id}", new { name = "Mine" }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, patch.StatusCode);
        using var delete = await http.DeleteAsync($"/v1/legacy-platforms/{made.Id}", Ct);
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
    }

    [Fact]
    public async Task An_imported_hash_signs_in_and_gives_way_to_one_of_ours()
    {
        using var http = await AsAdminAsync();
        var api = new ApiClient(http);
        var login = $"imported@{fixture.Estate.DomainName}";

        // mkpasswd -m sha512crypt
        await api.Accounts.CreateAsync(new CreateAccount(
            login, "Imported", null, PasswordHash: "$6$fdaB8QaV92JRLF.a$K8yyymGVgPjV2FNrx9p6wNy.261zgAtoQSAyXAFeR2A7jFBVeAFELpseD7F7qsilTZCJWI1yH8C6Rwfzm9Md20"), Ct);
        Assert.StartsWith("{CRYPT}$6$", await HashOfAsync(login), StringComparison.Ordinal);
        await fixture.Host.SignInAsync(login, "Grüße, Welt 1");
        Assert.StartsWith("AQ", await HashOfAsync(login), StringComparison.Ordinal);
        await fixture.Host.SignInAsync(login, "Grüße, Welt 1");

        using var weak = await http.PostAsJsonAsync($"/v1/accounts/{fixture.Estate.Colleague}/password-hash", new SetPasswordHash("$1$y1ZuOLi/$p7AM0xE7d0tCA1bc.2fkZ/"), Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, weak.StatusCode);
    }

    private async Task<string> HashOfAsync(string login)
    {
        await using var command = fixture.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT password_hash FROM app_user WHERE user_name = $1");
        command.Parameters.AddWithValue(login);
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }

    private async Task<HttpClient> AsAdminAsync() => fixture.Host.With(await fixture.Host.SignInAsync(fixture.Estate.AdminLogin, World.Password));
}
