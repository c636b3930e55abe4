using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Limits;
using Xunit;

namespace SaaS.Api.Tests.Hosting;

/// <summary>Two nodes on one database: what one counts, ends or makes holds at the other.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private World _world = null!;
    private Estate _estate = null!;
    private ApiHost _other = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => _world.Host;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync(("Api:RatePerMinute", "40"));
        _estate = await _world.AddEstateAsync("wombat");
        _other = await Host.StartAnotherAsync(("Api:RatePerMinute", "40"));
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await Host.DisposeAsync();
    }

    [Fact]
    public async Task Failures_at_one_node_slow_down_the_other()
    {
        var from = IPAddress.Parse("192.0.2.7");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(RefusalReason.Forbidden, (await SignInAsync(Host, "guess " + i, from)).Refusal?.Reason);
        }

        Assert.Equal(RefusalReason.RateLimited, (await SignInAsync(_other, World.Password, from)).Refusal?.Reason);
        Assert.True((await SignInAsync(_other, World.Password, IPAddress.Parse("198.51.100.7"))).Ok); // the owner, elsewhere
    }

    [Fact]
    public async Task A_network_that_guesses_from_many_addresses_is_slowed_down_as_one()
    {
        var passwords = Host.Services.GetRequiredService<PasswordAuthenticator>();
        await Host.Services.GetRequiredService<SharedCounters>().AddAsync([("signin n 203.0.113.0", 1500)], DateTimeOffset.UtcNow.AddMinutes(5), Ct);
        Assert.Equal(RefusalReason.RateLimited, (await passwords.SignInAsync("x@y.test", "z", IPAddress.Parse("203.0.113.254"), Ct)).Refusal?.Reason);
        Assert.Equal(RefusalReason.Forbidden, (await passwords.SignInAsync("x@y.test", "z", IPAddress.Parse("203.0.114.254"), Ct)).Refusal?.Reason);
    }

    [Fact]
    public async Task Requests_are_counted_over_both_nodes()
    {
        var (here, there) = (Host.Services.GetRequiredService<RateLimits>(), _other.Services.GetRequiredService<RateLimits>());
        for (var i = 0; i < 30; i++)
        {
            here.Take("caller", 40);
        }

        there.Take("caller", 40);
        for (var i = 0; i < 3; i++)
        {
            there.Take("caller", 40);
        }

        await here.ShareAsync(Ct);
        await there.ShareAsync(Ct);
        Assert.Equal(40 - 30 - 5, there.Take("caller", 40).Remaining);
        await there.ShareAsync(Ct);
        here.Take("caller", 40);
        await here.ShareAsync(Ct);
        Assert.Equal(40 - 32 - 5, here.Take("caller", 40).Remaining);
    }

    [Fact]
    public async Task A_token_ends_with_the_password_it_came_from_with_its_session_and_with_the_account()
    {
        var first = await Host.SignInAsync(_estate.UserLogin, World.Password);
        using (var user = Host.With(first))
        {
            Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/v1/me", Ct)).StatusCode);
            using var changed = await user.PostAsJsonAsync("/v1/me/password", new { current = World.Password, password = World.Password + " 2" }, Ct);
            Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/v1/me", Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await RefreshAsync(first)).StatusCode);
        }

        var second = await Host.SignInAsync(_estate.UserLogin, World.Password + " 2");
        using (var user = Host.With(second))
        {
            Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/v1/me", Ct)).StatusCode);
            await Host.Services.GetRequiredService<UserSessions>().EndOthersAsync((await MeAsync(user)).UserId, null, Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/v1/me", Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await RefreshAsync(second)).StatusCode);
        }

        using (var user = Host.With(await Host.SignInAsync(_estate.UserLogin, World.Password + " 2")))
        {
            Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/v1/me", Ct)).StatusCode);
            using var admin = Host.With(await Host.SignInAsync(_estate.AdminLogin, World.Password));
            using var suspended = await admin.PostAsJsonAsync($"/v1/accounts/{_estate.Colleague}/suspend", new { suspended = true }, Ct);
            Assert.Equal(HttpStatusCode.OK, suspended.StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/v1/me", Ct)).StatusCode);
        }
    }

    [Fact]
    public async Task Keys_are_encrypted_follow_a_new_master_key_and_are_of_no_use_without_one()
    {
        Assert.DoesNotContain("PRIVATE KEY", await DumpAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("<key", await DumpAsync(), StringComparison.Ordinal);
        var tokens = await Host.SignInAsync(_estate.UserLogin, World.Password);
        var old = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        var renewed = "YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWprbG1ub3A=";
        var before = await DumpAsync();
        await using (var rotated = await Host.StartAnotherAsync(("KeyProtection:Keys:0", renewed), ("KeyProtection:Keys:1", old)))
        {
            using var client = rotated.With(tokens);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/me", Ct)).StatusCode);
        }

        Assert.NotEqual(before, await DumpAsync());
        var refused = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => Host.StartAnotherAsync(("KeyProtection:Keys:0", old)));
        Assert.Contains("Copy the key file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_signing_key_is_published_first_used_later_and_the_old_one_still_checks()
    {
        var tokens = await Host.SignInAsync(_estate.UserLogin, World.Password);
        var first = await SigningKeyAsync();
        await AgeAsync(TimeSpan.FromDays(91));
        Look();
        Assert.Equal(2, (await KeySetAsync()).Count);
        Assert.Equal(first, await SigningKeyAsync());
        await AgeAsync(TimeSpan.FromDays(2));
        Look();
        Assert.NotEqual(first, await SigningKeyAsync());
        using var client = Host.With(tokens);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/me", Ct)).StatusCode);
        await AgeAsync(TimeSpan.FromDays(40));
        Look();
        Assert.DoesNotContain(first, await KeySetAsync());
    }

    private void Look()
    {
        Host.Services.GetRequiredService<KeyRotation>().Look();
    }

    private async Task AgeAsync(TimeSpan by)
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "UPDATE server_key SET created_at = created_at - $1 WHERE purpose LIKE 'token-%'");
        command.Parameters.AddWithValue(by);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private async Task<string> SigningKeyAsync()
    {
        var tokens = await Host.SignInAsync(_estate.AdminLogin, World.Password);
        return new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(tokens.AccessToken).Kid;
    }

    private async Task<List<string>> KeySetAsync()
    {
        using var client = Host.With((string?)null);
        var set = await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/.well-known/jwks", Ct);
        return [.. set.GetProperty("keys").EnumerateArray().Select(x => x.GetProperty("kid").GetString()!)];
    }

    private static async Task<Client.Me.MeView> MeAsync(HttpClient user) =>
        (await user.GetFromJsonAsync<Client.Me.MeView>("/v1/me", Client.Http.ApiJson.Options, Ct))!;

    private Task<HttpResponseMessage> RefreshAsync(Tokens tokens) =>
        Host.TokenAsync(("grant_type", "refresh_token"), ("client_id", "webmail"), ("refresh_token", tokens.RefreshToken!));

    private ValueTask<Outcome<SignedIn>> SignInAsync(ApiHost host, string password, IPAddress from) =>
        host.Services.GetRequiredService<PasswordAuthenticator>().SignInAsync(_estate.UserLogin, password, from, Ct);

    private async Task<string> DumpAsync()
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT string_agg(value, ' ' ORDER BY id) FROM server_key");
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }
}
