using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Npgsql;
using SaaS.Domain.Accounts.PasswordHashes;
using SaaS.Domain.Common;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.Domain.Accounts;

/// <summary>Who signed in. Operators and resellers may have no mailbox: then <see cref="Account"/> is null. With <see cref="Legacy"/> the mailbox
/// is elsewhere, and where that holds a password, only that platform can say whether it is right.</summary>
public sealed record SignedIn(long UserId, string Login, AccountId? Account, TenantId? Tenant, LegacyHome? Legacy = null);

/// <summary>
/// Checks a login and its password, for SMTP, IMAP, POP3, ManageSieve and the sign-in page. Every call reads the user's row, so that a changed
/// password, a disabled user and a suspended tenant count at once; only the slow hash is saved for those who come again.
/// </summary>
/// <remarks>
/// A login that does not exist costs the same hash as a wrong password. What was verified is kept for some minutes as a keyed hash of the
/// password under user and security stamp. Failures slow down further tries per login, and per address (IPv4, or IPv6 /64) and login; whoever
/// presents a password that was verified a moment ago passes all the same, so that guessing locks nobody out. Counts hold across processes.
/// </remarks>
public sealed partial class PasswordAuthenticator(NpgsqlDataSource source, ScramSecrets scrams, TimeProvider clock) : IDisposable
{
    /// <summary>Longer passwords are wrong: nobody has one, and the hash would cost us.</summary>
    public const int MaxPasswordBytes = 1024;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);
    private static readonly Refusal Wrong = new(RefusalReason.Forbidden, "Authentication failed.");
    private static readonly Refusal Slow = new(RefusalReason.RateLimited, "Too many failed attempts; try again later.");
    private static readonly Refusal Off = new(RefusalReason.Suspended, "This account is suspended.");

    private readonly PasswordHasher<AppUser> _hasher = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<long, Verified> _verified = new();
    private readonly FailureCounts _failures = new(source, clock);
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount));
    private readonly Lazy<string> _dummyHash = new(() => new PasswordHasher<AppUser>().HashPassword(null!, "nobody has this password"));

    private sealed record Verified(string Stamp, byte[] Mac, long At);

    private sealed record UserRow(
        long Id, string Login, string? Hash, string Stamp, bool Disabled, AccountId? Account, TenantId? Tenant, bool Suspended, byte[]? ScramDigest,
        bool MailByPassword, LegacyHome? Legacy);

    /// <summary>Refusals: Forbidden (login or password wrong, or no password set), RateLimited, Suspended (only told to who knows the password).</summary>
    /// <param name="login">As typed: the full address, any case.</param>
    /// <param name="password">As typed.</param>
    /// <param name="address">Of the client, for the throttle.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public ValueTask<Outcome<SignedIn>> SignInAsync(string login, string password, IPAddress address, CancellationToken ct) =>
        SignInAsync(login, password, address, MailProtocols.None, ct);

    /// <summary>As above, for a mail program: app passwords count too, and the account's own password only where the settings
    /// let it and no second factor is set up: a mail program could not show one.</summary>
    /// <param name="login">As typed.</param>
    /// <param name="password">As typed.</param>
    /// <param name="address">Of the client, for the throttle.</param>
    /// <param name="protocol">The one that it speaks; none: a sign-in page.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async ValueTask<Outcome<SignedIn>> SignInAsync(
        string login, string password, IPAddress address, MailProtocols protocol, CancellationToken ct)
    {
        var key = Normalize(login);
        var user = key is null ? null : await FindAsync(key, ct);
        if (user is { Legacy: not null } && protocol != MailProtocols.None)
        {
            return await SignInElsewhereAsync(user, key!, password, address, protocol, ct);
        }

        if (user?.Account is { } account && protocol != MailProtocols.None && AppPasswordService.IsForm(password)
            && await UseAppPasswordAsync(account, password, protocol, address, ct))
        {
            return Admit(user);
        }

        if (user is { MailByPassword: false } && protocol != MailProtocols.None)
        {
            // Not told apart from a wrong password, so that it cannot be tried out here.
            user = user with { Hash = null };
        }

        byte[]? mac = null;
        if (user?.Hash is not null && password.Length <= MaxPasswordBytes)
        {
            mac = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(password));
            if (IsRemembered(user, mac))
            {
                return Admit(user);
            }
        }

        if (await _failures.ExceededAsync(key ?? "", address, ct))
        {
            return Slow;
        }

        await _hashing.WaitAsync(ct);
        bool right;
        try
        {
            var given = mac is null ? "" : password;
            right = VerifyHash(user?.Hash ?? _dummyHash.Value, given) && user?.Hash is not null && mac is not null;
        }
        finally
        {
            _hashing.Release();
        }

        if (!right)
        {
            await _failures.AddAsync(key ?? "", address, ct);
            return Wrong;
        }

        if (ImportedHash.IsForm(user!.Hash!))
        {
            user = await RehashAsync(user, password, ct);
        }

        Remember(user, mac!);
        if (user.ScramDigest is not { } digest || !digest.AsSpan().SequenceEqual(ScramSecrets.DigestOf(user.Hash!)))
        {
            await SetScramKeyAsync(user, key!, password, ct);
        }

        return Admit(user);
    }

    private static Outcome<SignedIn> Admit(UserRow user) =>
        user.Disabled || user.Suspended ? Off : new SignedIn(user.Id, user.Login, user.Account, user.Tenant, user.Legacy);

    private bool VerifyHash(string hash, string password) => ImportedHash.IsForm(hash)
        ? ImportedHash.Verify(hash, password)
        : _hasher.VerifyHashedPassword(null!, hash, password) != PasswordVerificationResult.Failed;

    private bool IsRemembered(UserRow user, byte[] mac) =>
        _verified.TryGetValue(user.Id, out var v)
        && clock.GetElapsedTime(v.At) < Remembered
        && v.Stamp == user.Stamp
        && CryptographicOperations.FixedTimeEquals(v.Mac, mac);

    private void Remember(UserRow user, byte[] mac)
    {
        // The stamp holds the password hash too: a reset that forgot to renew the security stamp counts all the same.
        _verified[user.Id] = new Verified(user.Stamp, mac, clock.GetTimestamp());
        if (_verified.Count > 100_000)
        {
            foreach (var (id, v) in _verified)
            {
                if (clock.GetElapsedTime(v.At) >= Remembered)
                {
                    _verified.TryRemove(id, out _);
                }
            }
        }
    }

    private async Task<UserRow?> FindAsync(string normalizedLogin, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT u.id, u.user_name, u.password_hash, u.security_stamp, u.disabled, u.account_id, u.tenant_id,
              (u.account_id IS NOT NULL AND (a.id IS NULL OR a.suspended)) OR coalesce(t.suspended, false) OR coalesce(d.state = 2, false), k.password_digest,
              coalesce((SELECT value::text FROM setting WHERE key = 'mail.accountPassword' AND CASE level
                WHEN 0 THEN true WHEN 1 THEN owner_id = t.reseller_id WHEN 2 THEN owner_id = t.id WHEN 3 THEN owner_id = d.id
                ELSE owner_id = a.id END ORDER BY level DESC LIMIT 1), 'true') = 'true' AND NOT u.two_factor_enabled,
              CASE WHEN a.at_legacy THEN a.legacy_platform_id END, a.legacy_user_name,
              CASE WHEN a.at_legacy THEN (SELECT p.master_user IS NOT NULL FROM legacy_platform p WHERE p.id = a.legacy_platform_id) END
            FROM app_user u
            LEFT JOIN account a ON a.id = u.account_id AND a.deleted_at IS NULL
            LEFT JOIN mail_domain d ON d.id = a.domain_id
            LEFT JOIN tenant t ON t.id = u.tenant_id
            LEFT JOIN scram_key k ON k.account_id = u.account_id
            WHERE u.normalized_user_name = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = normalizedLogin });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return null;
        }

        var hash = reader.IsDBNull(2) ? null : reader.GetString(2);
        return new UserRow(
            reader.GetInt64(0),
            reader.GetString(1),
            hash,
            (reader.IsDBNull(3) ? "" : reader.GetString(3)) + hash,
            reader.GetBoolean(4),
            reader.IsDBNull(5) ? null : new AccountId(reader.GetInt64(5)),
            reader.IsDBNull(6) ? null : new TenantId(reader.GetInt64(6)),
            reader.GetBoolean(7),
            reader.IsDBNull(8) ? null : reader.GetFieldValue<byte[]>(8),
            reader.GetBoolean(9),
            reader.IsDBNull(10) ? null : new LegacyHome(
                new LegacyPlatformId(reader.GetInt64(10)), reader.IsDBNull(11) ? null : reader.GetString(11), !reader.IsDBNull(12) && reader.GetBoolean(12)));
    }

    // Identity compares user names in upper case; addresses are stored with the domain as A-label.
    private static string? Normalize(string login) =>
        MailAddress.TryParse(login.Trim(), out var address) ? $"{address.LocalKey}@{address.Domain}".ToUpperInvariant()
        : login.Length is > 0 and <= 256 && !login.Contains('\0', StringComparison.Ordinal) ? login.Trim().ToUpperInvariant()
        : null;

    public void Dispose() => _hashing.Dispose();
}
