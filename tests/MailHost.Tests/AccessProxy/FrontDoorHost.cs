using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;
using SaaS.MailHost.Imap;
using SaaS.MailHost.ManageSieve;
using SaaS.MailHost.Pop3;
using SaaS.MailHost.Smtp;
using SaaS.MailHost.Tests.Transcripts;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.AccessProxy;

/// <summary>A running MailHost with accounts old1 and old2, whose password here is "secret", and a legacy platform that they can be flipped to.</summary>
internal sealed class FrontDoorHost : IAsyncDisposable
{
    private FrontDoorHost(TestHost host) => (Host, Directory) = (host, new TestDirectory(host.Services.GetRequiredService<NpgsqlDataSource>()));

    public TestHost Host { get; }

    public TestDirectory Directory { get; }

    public LegacyPlatformId Platform { get; private set; }

    public AccountId Old1 { get; private set; }

    public AccountId Old2 { get; private set; }

    public static async Task<FrontDoorHost> CreateAsync(LegacyPlatformFields fields, bool start = true, params (string Key, string Value)[] settings)
    {
        var host = TestHost.On(await TestPostgres.CreateDatabaseAsync(),
        [
            ("Roles", "mx,submission,imap,pop3,sieve,relay"), ("Auth:AllowPlaintextAuth", "true"), ("Imap:FailedLoginDelay", "00:00:00"),
            ("Pop3:FailedLoginDelay", "00:00:00"), ("Sieve:FailedLoginDelay", "00:00:00"), ("AccessProxy:ConnectTimeout", "00:00:02"),
            ("AccessProxy:RestAfterFailure", "00:00:00"), ("Queue:Retries:0", "00:00:00.2"), ("Relay:RestAfterFailure", "00:00:00.1"),
            .. new[] { "Http:Port", "Imap:Port", "Imap:TlsPort", "Pop3:Port", "Pop3:TlsPort", "Sieve:Port", "Smtp:Mx:Port", "Smtp:Submission:Port", "Smtp:Submission:TlsPort" }
                .Select(k => (k, "0")),
            .. settings,
        ]);
        var made = new FrontDoorHost(host);
        await made.Directory.CreateTenantAsync();
        made.Old1 = await made.Directory.AddAccountAsync("old1");
        made.Old2 = await made.Directory.AddAccountAsync("old2");
        made.Platform = (await made.DoAsync<LegacyPlatformService, Outcome<LegacyPlatform>>(
            s => s.CreateAsync(fields, null, null, CancellationToken.None))).Value?.Id ?? throw new InvalidOperationException("The platform was refused.");
        if (start)
        {
            await host.StartAsync();
        }

        return made;
    }

    public static Task<FrontDoorHost> CreateAsync(DovecotPlatform dovecot) => CreateAsync(Fields(dovecot));

    public static LegacyPlatformFields Fields(DovecotPlatform dovecot) => new(
        "Old", dovecot.Endpoints, LegacyUserNameForm.LocalPart, CertificateSha256: dovecot.CertificateSha256, SendXClient: true, SendImapId: true);

    public async Task<TResult> DoAsync<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async Task FlipAsync(AccountId account, bool atLegacy)
    {
        var flipped = await DoAsync<LegacyHomes, Outcome<SaaS.Domain.Accounts.Account>>(
            h => h.SetAsync(account, new HomeChange(atLegacy, Platform), CancellationToken.None));
        Assert.True(flipped.Ok, flipped.Refusal?.Text);
    }

    public Task ChangeAsync(LegacyPlatformFields change) => DoAsync<LegacyPlatformService, Outcome<LegacyPlatform>>(async s =>
    {
        var changed = await s.UpdateAsync(Platform, change, null, CancellationToken.None);
        Assert.True(changed.Ok, changed.Refusal?.Text);
        return changed;
    });

    public async Task<TestClient> ImapAsync(string address = "192.0.2.7")
    {
        var client = await Host.ConnectAsync<ImapServer>(address: address);
        Assert.StartsWith("* OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        return client;
    }

    public async Task<TestClient> Pop3Async()
    {
        var client = await Host.ConnectAsync<Pop3Server>();
        Assert.StartsWith("+OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        return client;
    }

    public async Task<TestClient> SieveAsync()
    {
        var client = await Host.ConnectAsync<ManageSieveServer>();
        while (!(await client.ReadLineAsync())!.StartsWith("OK", StringComparison.Ordinal))
        {
        }

        return client;
    }

    public async Task<TestClient> SmtpAsync(string profile)
    {
        var client = await Host.ConnectAsync(Host.Services.GetRequiredKeyedService<SmtpServer>(profile));
        Assert.StartsWith("220", await client.ReadLineAsync(), StringComparison.Ordinal);
        await AskAsync(client, "EHLO client.test");
        return client;
    }

    /// <summary>The last line of the answer.</summary>
    public static async Task<string> AskAsync(TestClient client, string line)
    {
        await client.SendLineAsync(line);
        while (true)
        {
            var answer = await client.ReadLineAsync() ?? "(closed)";
            if (answer.Length < 4 || answer[3] != '-')
            {
                return answer;
            }
        }
    }

    /// <summary>The tagged line, with everything before it.</summary>
    public static async Task<(string Tagged, List<string> Untagged)> TaggedAsync(TestClient client, string command)
    {
        await client.SendLineAsync("t " + command);
        var untagged = new List<string>();
        while (await client.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("t ", StringComparison.Ordinal))
            {
                return (line, untagged);
            }

            untagged.Add(line);
        }

        return ("(closed)", untagged);
    }

    public async Task DeliverAsync(string to, string subject)
    {
        await using var client = await SmtpAsync("mx");
        Assert.StartsWith("250", await AskAsync(client, "MAIL FROM:<friend@elsewhere.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync(client, $"RCPT TO:<{to}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await AskAsync(client, "DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync(client, $"From: friend@elsewhere.test\r\nSubject: {subject}\r\n\r\n..dotted\r\n\r\n."), StringComparison.Ordinal);
    }

    public static string Plain(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"));

    public Task<long> StoredAsync(AccountId account) => Directory.ScalarAsync<long>($"SELECT count(*) FROM message WHERE account_id = {account}");

    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), what);
            await Task.Delay(20);
        }
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
