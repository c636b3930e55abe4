using System.Net;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Accounts;

public sealed class PasswordAuthenticatorTests : IAsyncLifetime
{
    private static readonly IPAddress Office = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("198.51.100.1");

    private readonly ManualClock _clock = new();
    private NpgsqlDataSource _source = null!;
    private TestDirectory _directory = null!;
    private PasswordAuthenticator _passwords = null!;

    public async ValueTask InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync());
        _directory = new TestDirectory(_source);
        await _directory.CreateTenantAsync();
        await _directory.AddAccountAsync("alice");
        _passwords = new PasswordAuthenticator(_source, new ScramSecrets(new SaaS.Domain.Keys.ServerKeyStore(_source, _clock)), _clock);
    }

    [Theory]
    [InlineData("alice@example.test", "secret", null)]
    [InlineData(" Alice@EXAMPLE.test ", "secret", null)]
    [InlineData("alice@example.test", "Secret", RefusalReason.Forbidden)]
    [InlineData("alice@example.test", "", RefusalReason.Forbidden)]
    [InlineData("nobody@example.test", "secret", RefusalReason.Forbidden)]
    [InlineData("", "secret", RefusalReason.Forbidden)]
    [InlineData("a\0b", "secret", RefusalReason.Forbidden)]
    public async Task Knows_who_it_is(string login, string password, RefusalReason? refusal)
    {
        var outcome = await SignInAsync(login, password);
        Assert.Equal(refusal, outcome.Refusal?.Reason);
        Assert.Equal(refusal is null ? "alice@example.test" : null, outcome.Value?.Login);
    }

    [Fact]
    public async Task A_changed_password_counts_at_once()
    {
        Assert.True((await SignInAsync("alice@example.test", "secret")).Ok);
        await _directory.ExecuteAsync("UPDATE app_user SET password_hash = 'AQAAAAIAAYagAAAA', security_stamp = 'new'");
        Assert.Equal(RefusalReason.Forbidden, (await SignInAsync("alice@example.test", "secret")).Refusal?.Reason);
    }

    [Theory]
    [InlineData("UPDATE app_user SET disabled = true")]
    [InlineData("UPDATE account SET suspended = true")]
    [InlineData("UPDATE tenant SET suspended = true")]
    [InlineData("UPDATE mail_domain SET state = 2")]
    [InlineData("UPDATE account SET deleted_at = now()")]
    public async Task Who_is_switched_off_stays_outside_and_only_the_owner_is_told(string change)
    {
        Assert.True((await SignInAsync("alice@example.test", "secret")).Ok);
        await _directory.ExecuteAsync(change);
        Assert.Equal(RefusalReason.Suspended, (await SignInAsync("alice@example.test", "secret")).Refusal?.Reason);
        Assert.Equal(RefusalReason.Forbidden, (await SignInAsync("alice@example.test", "wrong")).Refusal?.Reason);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_but_does_not_lock_the_owner_out()
    {
        Assert.True((await SignInAsync("alice@example.test", "secret", Elsewhere)).Ok);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(RefusalReason.Forbidden, (await SignInAsync("alice@example.test", $"guess{i}")).Refusal?.Reason);
        }

        Assert.Equal(RefusalReason.RateLimited, (await SignInAsync("alice@example.test", "guess")).Refusal?.Reason);
        Assert.True((await SignInAsync("alice@example.test", "secret")).Ok);
        Assert.Equal(RefusalReason.Forbidden, (await SignInAsync("alice@example.test", "guess", Elsewhere)).Refusal?.Reason);

        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(RefusalReason.Forbidden, (await SignInAsync("alice@example.test", "guess")).Refusal?.Reason);
        Assert.True((await SignInAsync("alice@example.test", "secret")).Ok);
    }

    private ValueTask<Outcome<SignedIn>> SignInAsync(string login, string password, IPAddress? address = null) =>
        _passwords.SignInAsync(login, password, address ?? Office, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _passwords.Dispose();
        await _source.DisposeAsync();
    }
}
