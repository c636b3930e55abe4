using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.Keys;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Tests.Imap;
using Xunit;

namespace SaaS.MailHost.Tests.Sasl;

/// <summary>OAUTHBEARER and XOAUTH2 with tokens as our token server makes them.</summary>
public sealed class BearerTests : IAsyncLifetime
{
    private readonly RSA _key = RSA.Create(2048);
    private ImapHost _mail = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _mail = await ImapHost.CreateAsync();
        _mail.Host.Services.GetRequiredService<ServerKeyStore>().Add(AccessTokens.PublicKeys, "1", _key.ExportSubjectPublicKeyInfoPem());
        await ExecuteAsync("""
            INSERT INTO "OpenIddictTokens" (id, status, subject, type) VALUES ('t1', 'valid', '1', 'access_token'), ('t2', 'revoked', '1', 'access_token')
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _mail.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task A_good_token_signs_in_by_both_mechanisms()
    {
        var token = Token();
        Assert.StartsWith("a OK", await BearerAsync(token, "u1@example.test"), StringComparison.Ordinal);
        Assert.StartsWith("a OK", await BearerAsync(token, ""), StringComparison.Ordinal);
        Assert.StartsWith("a OK", await OldAsync(token, "U1@example.test"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another user", "invalid_token")]
    [InlineData("expired", "invalid_token")]
    [InlineData("too narrow", "insufficient_scope")]
    [InlineData("another audience", "invalid_token")]
    [InlineData("revoked", "invalid_token")]
    [InlineData("of before the password", "invalid_token")]
    [InlineData("signed by another", "invalid_token")]
    [InlineData("not signed", "invalid_token")]
    [InlineData("an identity token", "invalid_token")]
    [InlineData("nonsense", "invalid_token")]
    public async Task Any_other_is_refused_and_the_client_told_why(string fault, string status)
    {
        using var other = RSA.Create(2048);
        var token = fault switch
        {
            "expired" => Token(exp: -3600),
            "too narrow" => Token(scope: "mail.send"),
            "another audience" => Token(audience: "elsewhere"),
            "revoked" => Token(entry: "t2"),
            "of before the password" => Token(stamp: "old"),
            "signed by another" => Token(key: other),
            "not signed" => Token(algorithm: "none"),
            "an identity token" => Token(type: "JWT"),
            "nonsense" => "a.b.c",
            _ => Token(),
        };
        var answer = await BearerAsync(token, fault == "another user" ? "u2@example.test" : "u1@example.test");
        Assert.Contains(status, answer, StringComparison.Ordinal);
        Assert.EndsWith("a NO [AUTHENTICATIONFAILED] Authentication failed.", answer, StringComparison.Ordinal);
        Assert.Contains("\"schemes\":\"Bearer\"", await OldAsync(token, fault == "another user" ? "u2@example.test" : "u1@example.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_suspended_stays_outside()
    {
        await ExecuteAsync("UPDATE account SET suspended = true");
        Assert.StartsWith("a NO [CONTACTADMIN]", await BearerAsync(Token(), "u1@example.test"), StringComparison.Ordinal);
    }

    private string Token(
        string scope = "openid mail.read", int exp = 900, string audience = "postyard", string entry = "t1", string stamp = "s", RSA? key = null,
        string algorithm = "RS256", string type = "at+jwt")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = JsonSerializer.Serialize(new { alg = algorithm, typ = type, kid = AccessTokens.KeyIdOf(_key) });
        var body = JsonSerializer.Serialize(new
        {
            sub = "1",
            aud = audience,
            scope,
            stamp = AccessTokens.StampOf(stamp),
            oi_tkn_id = entry,
            iat = now,
            exp = now + exp,
        });
        var signed = Encode(Encoding.UTF8.GetBytes(header)) + "." + Encode(Encoding.UTF8.GetBytes(body));
        return signed + "." + Encode((key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private Task<string> BearerAsync(string token, string login) => RunAsync(
        "OAUTHBEARER", $"n,{(login.Length == 0 ? "" : "a=" + login)},\u0001host=mx.test\u0001port=993\u0001auth=Bearer {token}\u0001\u0001");

    private Task<string> OldAsync(string token, string login) => RunAsync("XOAUTH2", $"user={login}\u0001auth=Bearer {token}\u0001\u0001");

    private async Task<string> RunAsync(string mechanism, string message)
    {
        await using var client = await _mail.Host.ConnectAsync<ImapServer>(implicitTls: true);
        await client.ReadLineAsync();
        await client.SendLineAsync($"a AUTHENTICATE {mechanism} {Convert.ToBase64String(Encoding.UTF8.GetBytes(message))}");
        var line = (await client.ReadLineAsync())!;
        if (!line.StartsWith("+ ", StringComparison.Ordinal))
        {
            return line;
        }

        await client.SendLineAsync("AQ==");
        return Encoding.UTF8.GetString(Convert.FromBase64String(line[2..])) + (await client.ReadLineAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _mail.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
