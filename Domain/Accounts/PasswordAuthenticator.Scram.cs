using System.Net;
using System.Security.Cryptography;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>App passwords, and SCRAM-SHA-256 over them and the account's own password.</summary>
/// <remarks>RFC 5802 §3 and §7, RFC 7677.</remarks>
public sealed partial class PasswordAuthenticator
{
    /// <summary>An exchange that has begun: what the client is told, and what its proof is held against.</summary>
    public sealed class ScramExchange
    {
        internal string Key { get; init; } = "";
        internal SignedIn? User { get; init; }
        internal bool Off { get; init; }
        internal List<(byte[] StoredKey, byte[] ServerKey, long AppPassword)> Candidates { get; } = [];
        public required byte[] Salt { get; init; }
        public int Iterations { get; init; }
    }

    /// <summary>Never refuses: a login that does not exist has a salt too, always the same one.</summary>
    /// <param name="login">As the client wrote it.</param>
    /// <param name="protocol">Which app passwords count.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async ValueTask<ScramExchange> BeginScramAsync(string login, MailProtocols protocol, CancellationToken ct)
    {
        var key = Normalize(login);
        var user = key is null ? null : await FindAsync(key, ct);
        if (user?.Account is not { } account)
        {
            return new ScramExchange { Key = key ?? "", Salt = scrams.SaltOf(key ?? ""), Iterations = ScramSecrets.Iterations };
        }

        await using var command = source.CreateCommand("""
            SELECT salt, iterations, stored_key, server_key, password_digest, 0, 0 FROM scram_key WHERE account_id = $1
            UNION ALL
            SELECT NULL, 0, stored_key, server_key, NULL, id, 1 FROM app_password
            WHERE account_id = $1 AND protocols & $2 <> 0 AND (expires_at IS NULL OR expires_at > $3)
            ORDER BY 7, 6
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)protocol });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        ScramExchange? exchange = null;
        while (await reader.ReadAsync(ct))
        {
            var isOwn = reader.GetInt32(6) == 0;
            if (isOwn)
            {
                exchange = Begin(user, key!, reader.GetFieldValue<byte[]>(0), reader.GetInt32(1));
            }

            var counts = !isOwn || (user.MailByPassword && user.Hash is not null && !reader.IsDBNull(2) && !reader.IsDBNull(4)
                && reader.GetFieldValue<byte[]>(4).AsSpan().SequenceEqual(ScramSecrets.DigestOf(user.Hash)));
            if (counts)
            {
                exchange?.Candidates.Add((reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3), reader.GetInt64(5)));
            }
        }

        return exchange ?? Begin(user, key!, scrams.SaltOf(key!), ScramSecrets.Iterations);
    }

    /// <summary>Checks the client's proof; with it goes the server's signature that the client wants to see.</summary>
    /// <param name="exchange">From <see cref="BeginScramAsync"/>.</param>
    /// <param name="authMessage">RFC 5802 §3.</param>
    /// <param name="proof">As the client sent it.</param>
    /// <param name="address">Of the client, for the throttle.</param>
    /// <param name="protocol">For the record of use.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<Outcome<(SignedIn User, byte[] Signature)>> EndScramAsync(
        ScramExchange exchange, byte[] authMessage, byte[] proof, IPAddress address, MailProtocols protocol, CancellationToken ct)
    {
        if (await _failures.ExceededAsync(exchange.Key, address, ct))
        {
            return Slow;
        }

        foreach (var (storedKey, serverKey, appPassword) in exchange.Candidates)
        {
            var clientKey = HMACSHA256.HashData(storedKey, authMessage);
            if (proof.Length != clientKey.Length)
            {
                break;
            }

            for (var i = 0; i < clientKey.Length; i++)
            {
                clientKey[i] ^= proof[i];
            }

            if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), storedKey))
            {
                if (exchange.Off)
                {
                    return Off;
                }

                if (appPassword != 0)
                {
                    await NoteUseAsync(appPassword, protocol, address, ct);
                }

                return (exchange.User!, HMACSHA256.HashData(serverKey, authMessage));
            }
        }

        await _failures.AddAsync(exchange.Key, address, ct);
        return Wrong;
    }

    /// <summary>Counts a failure that came from elsewhere (a token that does not hold).</summary>
    public ValueTask NoteFailureAsync(IPAddress address, CancellationToken ct) => _failures.AddAsync("", address, ct);

    /// <summary>Whether this address failed so often that it has to wait.</summary>
    public ValueTask<bool> MustWaitAsync(IPAddress address, CancellationToken ct) => _failures.ExceededByAsync(address, ct);

    private static ScramExchange Begin(UserRow user, string key, byte[] salt, int iterations) => new()
    {
        Key = key,
        User = new SignedIn(user.Id, user.Login, user.Account, user.Tenant, user.Legacy),
        Off = user.Disabled || user.Suspended,
        Salt = salt,
        Iterations = iterations,
    };

    private async Task<bool> UseAppPasswordAsync(AccountId account, string password, MailProtocols protocol, IPAddress address, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT id FROM app_password
            WHERE account_id = $1 AND hash = $2 AND protocols & $3 <> 0 AND (expires_at IS NULL OR expires_at > $4)
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = AppPasswordService.HashOf(password) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)protocol });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        if (await command.ExecuteScalarAsync(ct) is not long id)
        {
            return false;
        }

        await NoteUseAsync(id, protocol, address, ct);
        return true;
    }

    // A program that connects every minute shall not write a row every minute.
    private async Task NoteUseAsync(long appPassword, MailProtocols protocol, IPAddress address, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE app_password SET last_used_at = $2, last_used_protocol = $3, last_used_address = $4
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2 - interval '5 minutes')
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = appPassword });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)protocol });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = address.ToString() });
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task SetScramKeyAsync(UserRow user, string key, string password, CancellationToken ct)
    {
        if (user.Account is not { } account)
        {
            return;
        }

        byte[] salt;
        int iterations;
        await using (var find = source.CreateCommand("SELECT salt, iterations FROM scram_key WHERE account_id = $1"))
        {
            find.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            await using var reader = await find.ExecuteReaderAsync(ct);
            (salt, iterations) = await reader.ReadAsync(ct)
                ? (reader.GetFieldValue<byte[]>(0), reader.GetInt32(1))
                : (scrams.SaltOf(key), ScramSecrets.Iterations);
        }

        var (storedKey, serverKey) = ScramSecrets.Derive(password, salt, iterations);
        await using var command = source.CreateCommand("""
            INSERT INTO scram_key (account_id, salt, iterations, stored_key, server_key, password_digest)
            SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS (SELECT FROM account WHERE id = $1)
            ON CONFLICT (account_id) DO UPDATE SET stored_key = $4, server_key = $5, password_digest = $6 WHERE scram_key.salt = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = salt });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = iterations });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = storedKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = serverKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = ScramSecrets.DigestOf(user.Hash!) });
        await command.ExecuteNonQueryAsync(ct);
    }
}
