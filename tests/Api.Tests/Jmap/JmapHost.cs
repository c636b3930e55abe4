using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap;
using SaaS.Client.Jmap;
using SaaS.Domain;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Sharing;
using SaaS.TestKit;
using MailboxRights = SaaS.Domain.Sharing.MailboxRights;

namespace SaaS.Api.Tests.Jmap;

/// <summary>JMAP's endpoints on a real database behind row-level security. Tokens are told, not issued: "Test ACCOUNT SCOPE…".</summary>
internal sealed class JmapHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private JmapHost(WebApplication app, TestStore store) => (_app, Store) = (app, store);

    public TestStore Store { get; }

    public static async Task<JmapHost> StartAsync()
    {
        var store = await TestStore.CreateAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Configuration["ConnectionStrings:Postgres"] = store.ConnectionString;
        builder.Services.AddDomain(builder.Configuration, fenced: true);
        builder.Services.AddJmap(builder.Configuration);
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, ToldTokens>("Test", null);
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapJmap().RequireAuthorization();
        await app.StartAsync();
        return new JmapHost(app, store);
    }

    public HttpClient Http(AccountId account, string scopes = "mail.read mail.send")
    {
        var http = _app.GetTestClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Test {account} {scopes}");
        return http;
    }

    public HttpClient Anonymous() => _app.GetTestClient();

    public JmapClient Client(AccountId account) => new(Http(account));

    /// <summary>One call as it is; its response's name and arguments.</summary>
    public async Task<(string Name, JsonObject Arguments)> CallAsync(AccountId caller, string method, JsonObject arguments, string scopes = "mail.read mail.send")
    {
        var client = new JmapClient(Http(caller, scopes));
        var response = await client.SendAsync(new JmapRequest { Using = JmapClient.Using, MethodCalls = [new Invocation(method, arguments, "c")] });
        return (response.MethodResponses[0].Name, response.MethodResponses[0].Arguments);
    }

    /// <summary>What <paramref name="to"/> may do in all of an account.</summary>
    public async Task GrantAsync(AccountId account, AccountId to, MailboxRights rights)
    {
        await Store.ExecuteAsync($"""
            INSERT INTO mailbox_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights) VALUES ({account}, 0, 0, {to}, {(int)rights})
            """);
        Feed.Wake(ShareDirectory.Topic);
    }

    public async Task RevokeAsync(AccountId account, AccountId from)
    {
        await Store.ExecuteAsync($"DELETE FROM mailbox_grant WHERE account_id = {account} AND grantee_id = {from}");
        Feed.Wake(ShareDirectory.Topic);
    }

    /// <summary>Delivers, and tells this host of it.</summary>
    public async Task<StoredMessage> DeliverAsync(AccountId account, string subject)
    {
        var stored = await Store.DeliverAsync(account, subject);
        Feed.Publish(account, stored.ModSeq);
        return stored;
    }

    private IChangeFeed Feed => _app.Services.GetRequiredService<IChangeFeed>();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Store.DisposeAsync();
    }

    private sealed class ToldTokens(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers.Authorization.ToString().Split(' ') is not ["Test", var account, .. var scopes])
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity("Test");
            identity.AddClaim(new Claim("name", "user" + account));
            identity.AddClaim(new Claim("account_id", account));
            identity.AddClaim(new Claim("scope", string.Join(' ', scopes)));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "Test")));
        }
    }
}
