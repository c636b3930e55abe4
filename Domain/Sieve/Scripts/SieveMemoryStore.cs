using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Sieve.Scripts;

/// <summary>What filters remember of an account: whom they answered, which ids they saw. In the transaction of the delivery that does it.</summary>
public sealed class SieveMemoryStore(NpgsqlDataSource source, TimeProvider clock)
{
    private const int Batch = 5000;

    public async Task<bool> HasAsync(AccountId account, SieveMemoryKind kind, string key, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "SELECT 1 FROM sieve_memory WHERE account_id = $1 AND kind = $2 AND key = $3 AND expires_at > $4");
        Add(command.Parameters, account, kind, key, clock.GetUtcNow());
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    /// <summary>False where it is remembered already: then somebody else has done, or is doing, what it stands for.</summary>
    /// <param name="renew">Remember it from now on all the same.</param>
    public async Task<bool> TryRememberAsync(
        NpgsqlTransaction transaction, AccountId account, SieveMemoryKind kind, string key, TimeSpan duration, bool renew, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO sieve_memory AS m (account_id, kind, key, expires_at) VALUES ($1, $2, $3, $5)
            ON CONFLICT (account_id, kind, key) DO UPDATE SET expires_at = $5 WHERE $6 OR m.expires_at <= $4
            RETURNING 1
            """, transaction.Connection, transaction);
        var now = clock.GetUtcNow();
        Add(command.Parameters, account, kind, key, now);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + duration });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = renew });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    /// <summary>Forgets what has expired, in batches. Returns how many.</summary>
    public async Task<int> CollectAsync(CancellationToken ct)
    {
        for (var total = 0; ;)
        {
            await using var command = source.CreateCommand($"""
                DELETE FROM sieve_memory WHERE (account_id, kind, key) IN
                  (SELECT account_id, kind, key FROM sieve_memory WHERE expires_at <= $1 LIMIT {Batch})
                """);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            var removed = await command.ExecuteNonQueryAsync(ct);
            total += removed;
            if (removed < Batch)
            {
                return total;
            }
        }
    }

    private static void Add(NpgsqlParameterCollection p, AccountId account, SieveMemoryKind kind, string key, DateTimeOffset now)
    {
        p.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        p.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        p.Add(new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(Encoding.UTF8.GetBytes(key))[..16] });
        p.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
    }
}
