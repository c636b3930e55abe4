using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Client.OAuthClients;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;
using Xunit;

namespace SaaS.Api.Tests.OAuth;

/// <summary>What tokens are good for and how they end: refresh, introspection (RFC 7662), revocation (RFC 7009), suspension, a new password.</summary>
public sealed class TokenTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ApiHost Host => fixture.Host;

    [Fact]
    public async Task A_refresh_token_that_comes_twice_ends_the_whole_sign_in()
    {
        var first = await Host.SignInAsync(fixture.Estate.UserLogin, World.Password);
        var second = await ApiHost.ReadTokensAsync(await RefreshAsync(first.RefreshToken!));
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);

        // Two tabs may refresh at the same moment; later, it is a stolen token.
        await ExecuteAsync("UPDATE \"OpenIddictTokens\" SET redemption_date = redemption_date - interval '10 minutes' WHERE redemption_date IS NOT NULL");
        using var replayed = await RefreshAsync(first.RefreshToken!);
        Assert.Equal(HttpStatusCode.BadRequest, replayed.StatusCode);
        Assert.Contains("invalid_grant", await replayed.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var robbed = await RefreshAsync(second.RefreshToken!);
        Assert.Equal(HttpStatusCode.BadRequest, robbed.StatusCode);
    }

    [Fact]
    public async Task A_program_acts_for_its_owner_and_no_further()
    {
        var admin = await Host.SignInAsync(fixture.Estate.AdminLogin, World.Password);
        var client = await Host.RegisterAsync(admin, new CreateOAuthClient("Billing", OAuthClientKind.Service, ["admin"]));
        var tokens = await Host.OfServiceAsync(client);
        Assert.Null(tokens.RefreshToken);
        using var http = Host.With(tokens);
        Assert.Contains(fixture.Estate.UserLogin, await http.GetStringAsync("/v1/accounts", Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/v1/nodes", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/v1/me", Ct)).StatusCode);
        using var wrong = await Host.TokenAsync(
            ("grant_type", "client_credentials"), ("client_id", client.Client.ClientId), ("client_secret", "guess"), ("scope", "admin"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var wide = await Host.TokenAsync(
            ("grant_type", "client_credentials"), ("client_id", client.Client.ClientId), ("client_secret", client.Secret!), ("scope", "mail.read"));
        Assert.Equal(HttpStatusCode.BadRequest, wide.StatusCode);
        using var bare = await Host.TokenAsync(("grant_type", "client_credentials"), ("client_id", "webmail"), ("scope", "admin"));
        Assert.NotEqual(HttpStatusCode.OK, bare.StatusCode);
    }

    [Fact]
    public async Task A_new_secret_ends_the_old_one_and_a_deleted_client_its_tokens()
    {
        var admin = await Host.SignInAsync(fixture.Estate.AdminLogin, World.Password);
        using var http = Host.With(admin);
        var old = await Host.RegisterAsync(admin, new CreateOAuthClient("Rotating", OAuthClientKind.Service, ["admin"]));
        using var rotated = await http.PostAsync($"/v1/oauth-clients/{old.Client.ClientId}/secret", null, Ct);
        var renewed = (await rotated.Content.ReadFromJsonAsync<OAuthClientCreated>(SaaS.Client.Http.ApiJson.Options, Ct))!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Host.OfServiceAsync(old));
        var tokens = await Host.OfServiceAsync(renewed);
        using var program = Host.With(tokens);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/v1/accounts", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/v1/oauth-clients/{old.Client.ClientId}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/v1/accounts", Ct)).StatusCode);
    }

    [Fact]
    public async Task Introspection_tells_a_client_and_nobody_else_and_revocation_ends_a_token()
    {
        var admin = await Host.SignInAsync(fixture.Estate.AdminLogin, World.Password);
        var client = await Host.RegisterAsync(admin, new CreateOAuthClient("Inspector", OAuthClientKind.Service, ["admin"]));
        var tokens = await Host.OfServiceAsync(client);
        Assert.True(await IsActiveAsync(client, tokens.AccessToken));
        Assert.False(await IsActiveAsync(client, "nonsense"));
        using var http = Host.With((string?)null);
        using var stranger = await http.PostAsync("/connect/introspect", ApiHost.Form(("token", tokens.AccessToken)), Ct);
        Assert.NotEqual(HttpStatusCode.OK, stranger.StatusCode);

        var user = await Host.SignInAsync(fixture.Estate.UserLogin, World.Password);
        using var revoked = await http.PostAsync(
            "/connect/revoke", ApiHost.Form(("client_id", "webmail"), ("token", user.RefreshToken!), ("token_type_hint", "refresh_token")), Ct);
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        using var refused = await RefreshAsync(user.RefreshToken!);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_new_password_and_a_suspension_end_every_token()
    {
        var world = await World.CreateAsync();
        await using var host = world.Host;
        var estate = await world.AddEstateAsync("dingo");
        var user = await host.SignInAsync(estate.UserLogin, World.Password);
        var admin = await host.SignInAsync(estate.AdminLogin, World.Password);
        var service = await host.RegisterAsync(admin, new CreateOAuthClient("Program", OAuthClientKind.Service, ["admin"]));
        Assert.Null(await host.As<AccountService>(estate.AsTenant).SetPasswordAsync(new AccountId(estate.Colleague), "another horse battery", Ct));
        using var late = await host.TokenAsync(("grant_type", "refresh_token"), ("client_id", "webmail"), ("refresh_token", user.RefreshToken!));
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        using var first = host.With(user);
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.GetAsync("/v1/me", Ct)).StatusCode);

        Assert.True((await host.As<TenantService>(estate.AsReseller).UpdateAsync(
            new TenantId(estate.Tenant), new TenantChange(Suspended: true), null, Ct)).Ok);
        using var suspended = await host.TokenAsync(("grant_type", "refresh_token"), ("client_id", "webmail"), ("refresh_token", admin.RefreshToken!));
        Assert.Equal(HttpStatusCode.BadRequest, suspended.StatusCode);
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.OfServiceAsync(service));
    }

    private Task<HttpResponseMessage> RefreshAsync(string token) =>
        Host.TokenAsync(("grant_type", "refresh_token"), ("client_id", "webmail"), ("refresh_token", token));

    private async Task<bool> IsActiveAsync(OAuthClientCreated client, string token)
    {
        using var http = Host.With((string?)null);
        using var answer = await http.PostAsync("/connect/introspect", ApiHost.Form(
            ("client_id", client.Client.ClientId), ("client_secret", client.Secret!), ("token", token)), Ct);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("active").GetBoolean();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
