using System.Security.Cryptography;
using System.Text;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Imap;
using SaaS.MailHost.Tests.Transcripts;
using Xunit;

namespace SaaS.MailHost.Tests.Sasl;

/// <summary>SCRAM-SHA-256 with and without channel binding, and app passwords, over IMAP with TLS; the other protocols share the exchange.</summary>
public sealed class ScramTests : IAsyncLifetime
{
    private ImapHost _mail = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private NpgsqlDataSource Source => _mail.Host.Services.GetRequiredService<NpgsqlDataSource>();

    public async ValueTask InitializeAsync() => _mail = await ImapHost.CreateAsync();

    public async ValueTask DisposeAsync() => await _mail.DisposeAsync();

    [Fact]
    public void Keys_are_those_of_the_published_example()
    {
        // RFC 7677 §3: user "user", password "pencil".
        var (storedKey, serverKey) = ScramSecrets.Derive("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        var message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
            + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        Assert.Equal("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Convert.ToBase64String(HMACSHA256.HashData(serverKey, Encoding.ASCII.GetBytes(message))));
        var proof = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        var clientKey = HMACSHA256.HashData(storedKey, Encoding.ASCII.GetBytes(message)).Zip(proof, (a, b) => (byte)(a ^ b)).ToArray();
        Assert.Equal(storedKey, SHA256.HashData(clientKey));
    }

    [Fact]
    public async Task A_password_that_was_seen_once_signs_in_without_being_sent()
    {
        Assert.Contains("NO [AUTHENTICATIONFAILED]", await ScramAsync("u1@example.test", "secret"), StringComparison.Ordinal);
        await LoginAsync("u1@example.test", "secret", "OK");
        Assert.Contains("OK", await ScramAsync("u1@example.test", "secret"), StringComparison.Ordinal);
        Assert.Contains("NO [AUTHENTICATIONFAILED]", await ScramAsync("u1@example.test", "secrets"), StringComparison.Ordinal);
        Assert.Contains("OK", await ScramAsync("U1@EXAMPLE.test", "secret"), StringComparison.Ordinal);

        // A password hash that was changed past us takes the old keys with it.
        await ExecuteAsync("UPDATE app_user SET password_hash = password_hash || 'x'");
        Assert.Contains("NO [AUTHENTICATIONFAILED]", await ScramAsync("u1@example.test", "secret"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_is_told_a_salt_that_stays()
    {
        var first = await ServerFirstAsync("nobody@example.test");
        Assert.Equal(first, await ServerFirstAsync("nobody@example.test"));
        Assert.NotEqual(first, await ServerFirstAsync("nobodyelse@example.test"));
        var before = await ServerFirstAsync("u1@example.test");
        await LoginAsync("u1@example.test", "secret", "OK");
        Assert.Equal(before, await ServerFirstAsync("u1@example.test"));
    }

    [Fact]
    public async Task The_exchange_is_bound_to_the_connection()
    {
        await LoginAsync("u1@example.test", "secret", "OK");
        Assert.Contains("OK", await PlusAsync(corrupt: false), StringComparison.Ordinal);
        Assert.Contains("NO", await PlusAsync(corrupt: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_passwords_count_where_they_are_for()
    {
        var password = await AddAppPasswordAsync(MailProtocols.Imap, null);
        await LoginAsync("u1@example.test", password, "OK");
        Assert.Contains("OK", await ScramAsync("u1@example.test", password), StringComparison.Ordinal);
        await LoginAsync("u2@example.test", password, "NO");
        var authenticator = _mail.Host.Services.GetRequiredService<PasswordAuthenticator>();
        var address = System.Net.IPAddress.Loopback;
        Assert.False((await authenticator.SignInAsync("u1@example.test", password, address, MailProtocols.Pop3, Ct)).Ok);
        Assert.False((await authenticator.SignInAsync("u1@example.test", password, address, Ct)).Ok);
        await using var used = Source.CreateCommand("SELECT last_used_protocol FROM app_password WHERE last_used_at IS NOT NULL");
        Assert.Equal((int)MailProtocols.Imap, await used.ExecuteScalarAsync(Ct));

        await ExecuteAsync("DELETE FROM app_password");
        await LoginAsync("u1@example.test", password, "NO");
        await LoginAsync("u1@example.test", await AddAppPasswordAsync(MailProtocols.All, "-1 hour"), "NO");
        await LoginAsync("u1@example.test", await AddAppPasswordAsync(MailProtocols.All, "1 hour"), "OK");
    }

    [Fact]
    public async Task Where_the_settings_say_so_the_account_password_is_for_the_web_alone()
    {
        await LoginAsync("u1@example.test", "secret", "OK");
        var password = await AddAppPasswordAsync(MailProtocols.All, null);
        await ExecuteAsync("INSERT INTO setting (level, owner_id, key, value, changed_at) VALUES (2, 1, 'mail.accountPassword', 'false', now())");
        await LoginAsync("u1@example.test", "secret", "NO");
        Assert.Contains("NO", await ScramAsync("u1@example.test", "secret"), StringComparison.Ordinal);
        await LoginAsync("u1@example.test", password, "OK");
        Assert.Contains("OK", await ScramAsync("u1@example.test", password), StringComparison.Ordinal);
        var authenticator = _mail.Host.Services.GetRequiredService<PasswordAuthenticator>();
        Assert.True((await authenticator.SignInAsync("u1@example.test", "secret", System.Net.IPAddress.Loopback, Ct)).Ok);
        await ExecuteAsync("INSERT INTO setting (level, owner_id, key, value, changed_at) VALUES (4, 1, 'mail.accountPassword', 'true', now())");
        await LoginAsync("u1@example.test", "secret", "OK");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private async Task<string> AddAppPasswordAsync(MailProtocols protocols, string? expires)
    {
        var random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)).Replace('0', 'x').Replace('1', 'y');
        var password = $"{random[..4]}-{random[4..8]}-{random[8..12]}-{random[12..]}";
        Assert.True(AppPasswordService.IsForm(password));
        byte[] salt = [1, 2, 3];
        await ExecuteAsync($"""
            INSERT INTO scram_key (account_id, salt, iterations) VALUES (1, '\x010203', 4096) ON CONFLICT (account_id)
            DO UPDATE SET salt = '\x010203', iterations = 4096, password_digest = NULL
            """);
        var (storedKey, serverKey) = ScramSecrets.Derive(password, salt, 4096);
        await using var command = Source.CreateCommand($"""
            INSERT INTO app_password (account_id, label, protocols, hash, stored_key, server_key, created_at, expires_at)
            VALUES (1, 'Phone', $1, $2, $3, $4, now(), {(expires is null ? "NULL" : $"now() + interval '{expires}'")})
            """);
        command.Parameters.AddWithValue((int)protocols);
        command.Parameters.AddWithValue(AppPasswordService.HashOf(password));
        command.Parameters.AddWithValue(storedKey);
        command.Parameters.AddWithValue(serverKey);
        await command.ExecuteNonQueryAsync(Ct);
        return password;
    }

    private async Task<TestClient> ConnectAsync()
    {
        var client = await _mail.Host.ConnectAsync<ImapServer>(implicitTls: true);
        Assert.Contains("AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN", await client.ReadLineAsync(), StringComparison.Ordinal);
        return client;
    }

    private async Task LoginAsync(string login, string password, string status)
    {
        await using var client = await ConnectAsync();
        await client.SendLineAsync($"a LOGIN {login} {password}");
        Assert.StartsWith("a " + status, await client.ReadLineAsync(), StringComparison.Ordinal);
    }

    private async Task<string> ScramAsync(string login, string password)
    {
        await using var client = await ConnectAsync();
        return await RunAsync(client, new SaslMechanismScramSha256(login, password), "SCRAM-SHA-256");
    }

    // MailKit binds by the connection's own stream, which ours is not: the exchange is written out here.
    private async Task<string> PlusAsync(bool corrupt)
    {
        await using var client = await ConnectAsync();
        var binding = corrupt ? new byte[32] : client.ServerEndPoint();
        const string First = "n=u1@example.test,r=0123456789abcdef";
        await client.SendLineAsync("a AUTHENTICATE SCRAM-SHA-256-PLUS " + Base64("p=tls-server-end-point,," + First));
        var serverFirst = Encoding.UTF8.GetString(Convert.FromBase64String((await client.ReadLineAsync())![2..]));
        var fields = serverFirst.Split(',');
        var salted = Rfc2898DeriveBytes.Pbkdf2("secret"u8, Convert.FromBase64String(fields[1][2..]), int.Parse(fields[2][2..], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var final = $"c={Convert.ToBase64String([.. "p=tls-server-end-point,,"u8, .. binding])},{fields[0]}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"{First},{serverFirst},{final}"));
        await client.SendLineAsync(Base64($"{final},p={Convert.ToBase64String(clientKey.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray())}"));
        var answer = (await client.ReadLineAsync())!;
        if (!answer.StartsWith("+ ", StringComparison.Ordinal))
        {
            return answer;
        }

        await client.SendLineAsync("");
        return (await client.ReadLineAsync())!;
    }

    private async Task<string> ServerFirstAsync(string login)
    {
        await using var client = await ConnectAsync();
        await client.SendLineAsync("a AUTHENTICATE SCRAM-SHA-256 " + Base64($"n,,n={login},r=0123456789abcdef"));
        var answer = Encoding.UTF8.GetString(Convert.FromBase64String((await client.ReadLineAsync())![2..]));
        await client.SendLineAsync("*");
        Assert.StartsWith("a BAD", await client.ReadLineAsync(), StringComparison.Ordinal);
        return answer[answer.IndexOf(",s=", StringComparison.Ordinal)..];
    }

    private static async Task<string> RunAsync(TestClient client, SaslMechanism mechanism, string name)
    {
        await client.SendLineAsync($"a AUTHENTICATE {name} {mechanism.Challenge("", Ct)}");
        while (true)
        {
            var line = (await client.ReadLineAsync())!;
            if (!line.StartsWith("+ ", StringComparison.Ordinal))
            {
                return line;
            }

            await client.SendLineAsync(mechanism.IsAuthenticated ? "" : mechanism.Challenge(line[2..], Ct));
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
