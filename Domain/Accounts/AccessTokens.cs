using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Keys;

namespace SaaS.Domain.Accounts;

/// <summary>
/// Checks access tokens of our own token server for the mail protocols: signature by a key of the database, time, audience, scope; then that the
/// token is not revoked and its user is what it was when the token was made.
/// </summary>
/// <remarks>RFC 9068 §4 (JWT access tokens). Only RS256, which is what the token server signs with.</remarks>
public sealed class AccessTokens(ServerKeyStore keys, NpgsqlDataSource source, UserDirectory users, PasswordAuthenticator failures, TimeProvider clock)
{
    public const int MaxLength = 8 * 1024;
    /// <summary>Purpose of the rows with the public halves of the keys that sign tokens.</summary>
    public const string PublicKeys = "token-public";

    public const string MailRead = "mail.read";
    public const string MailSend = "mail.send";

    /// <summary>Clocks of nodes differ a little.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan KeysLifetime = TimeSpan.FromMinutes(1);
    private static readonly Refusal Wrong = new(RefusalReason.Forbidden, "The token does not hold.");
    private static readonly Refusal Narrow = new(RefusalReason.Forbidden, "The token does not reach so far.", "scope");

    private readonly ConcurrentDictionary<string, RSA> _keys = new();
    private long _read = -1;

    /// <summary>Refusals: Forbidden (field "scope" where only the scope is missing), RateLimited, Suspended.</summary>
    /// <param name="token">As sent.</param>
    /// <param name="login">Who the client says it is; "" where it does not say.</param>
    /// <param name="scope">That the token must have.</param>
    /// <param name="address">Of the client, for the throttle.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<Outcome<SignedIn>> SignInAsync(string token, string login, string scope, IPAddress address, CancellationToken ct)
    {
        if (await failures.MustWaitAsync(address, ct))
        {
            return new Refusal(RefusalReason.RateLimited, "Too many failed attempts; try again later.");
        }

        if (token.Length > MaxLength || Verify(token) is not { } claims)
        {
            await failures.NoteFailureAsync(address, ct);
            return Wrong;
        }

        using (claims)
        {
            var c = claims.RootElement;
            var now = clock.GetUtcNow();
            if (!IsTime(c, "exp", out var exp) || exp < now - Skew || (IsTime(c, "nbf", out var nbf) && nbf > now + Skew) || !Has(c, "aud", "postyard"))
            {
                return Wrong;
            }

            if (!Has(c, "scope", scope))
            {
                return Narrow;
            }

            if (!long.TryParse(Text(c, "sub"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || Text(c, "oi_tkn_id") is not { } entry || !await IsValidAsync(entry, ct)
                || await users.FindAsync(id, ct) is not { } user
                || StampOf(user.Stamp) != Text(c, "stamp")
                || (Guid.TryParseExact(Text(c, "sid"), "N", out var session) && await users.UserOfSessionAsync(session, ct) != id)
                || (login.Length > 0 && !SameLogin(login, user.Login)))
            {
                return Wrong;
            }

            return user.Active
                ? new SignedIn(user.Id, user.Login, user.Account, user.Tenant, user.Legacy)
                : new Refusal(RefusalReason.Suspended, "This account is suspended.");
        }
    }

    /// <summary>What of a user's security stamp stands in its tokens.</summary>
    public static string StampOf(string securityStamp) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(securityStamp)))[..16];

    private static bool SameLogin(string written, string login) =>
        MailAddress.TryParse(written.Trim(), out var address)
            ? $"{address.LocalKey}@{address.Domain}".Equals(login, StringComparison.OrdinalIgnoreCase)
            : written.Trim().Equals(login, StringComparison.OrdinalIgnoreCase);

    private JsonDocument? Verify(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } headerBytes || Decode(parts[1]) is not { } body || Decode(parts[2]) is not { } signature)
        {
            return null;
        }

        try
        {
            using var header = JsonDocument.Parse(headerBytes);
            return Text(header.RootElement, "alg") == "RS256" && Text(header.RootElement, "typ") is "at+jwt" or "application/at+jwt"
                && Text(header.RootElement, "kid") is { } kid && KeyOf(kid) is { } key
                && key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                ? JsonDocument.Parse(body)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private RSA? KeyOf(string kid)
    {
        // An unknown key may be a new one, but strangers shall not make us read for each token.
        if (!_keys.ContainsKey(kid) && (Volatile.Read(ref _read) < 0 || clock.GetElapsedTime(Volatile.Read(ref _read)) > KeysLifetime))
        {
            Volatile.Write(ref _read, clock.GetTimestamp());
            foreach (var stored in keys.List(PublicKeys))
            {
                var rsa = RSA.Create();
                rsa.ImportFromPem(stored.Value); // the public half: no private key leaves Api
                _keys.TryAdd(KeyIdOf(rsa), rsa);
            }
        }

        return _keys.GetValueOrDefault(kid);
    }

    /// <summary>The same on every node, and another for another key.</summary>
    public static string KeyIdOf(RSA key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];

    private async Task<bool> IsValidAsync(string entry, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT t.status = 'valid' AND coalesce(a.status, 'valid') = 'valid'
            FROM "OpenIddictTokens" t LEFT JOIN "OpenIddictAuthorizations" a ON a.id = t.authorization_id WHERE t.id = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static byte[]? Decode(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsTime(JsonElement of, string name, out DateTimeOffset time)
    {
        time = default;
        if (!of.TryGetProperty(name, out var value) || !value.TryGetInt64(out var seconds) || seconds is < 0 or > 253402300799)
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }

    // A string, words with spaces between, or an array.
    private static bool Has(JsonElement of, string name, string wanted) => of.TryGetProperty(name, out var value) && value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Split(' ').Contains(wanted, StringComparer.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Any(x => x.ValueKind == JsonValueKind.String && x.GetString() == wanted),
        _ => false,
    };
}
