using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace SaaS.Domain.Limits;

/// <summary>
/// Counts per window that hold across processes. One statement a call on a narrow unlogged table: no fsync, no lock longer than the statement.
/// Whoever counts often keeps its own numbers and brings them here in batches.
/// </summary>
public sealed class SharedCounters(NpgsqlDataSource source, TimeProvider clock)
{
    /// <summary>Adds to each, and returns what each has in its window now. A window that is over starts anew and lasts until <paramref name="until"/>.</summary>
    public async Task<IReadOnlyDictionary<string, int>> AddAsync(
        IReadOnlyCollection<(string Key, int Amount)> counts, DateTimeOffset until, CancellationToken ct)
    {
        var names = Names(counts.Select(x => x.Key));
        await using var command = source.CreateCommand("""
            INSERT INTO rate_counter AS c (key, until, count)
            SELECT k, $3, sum(n) FROM unnest($1, $2) AS x (k, n) GROUP BY k ORDER BY k
            ON CONFLICT (key) DO UPDATE SET
              count = CASE WHEN c.until <= $4 THEN excluded.count ELSE c.count + excluded.count END,
              until = CASE WHEN c.until <= $4 THEN excluded.until ELSE c.until END
            RETURNING key, count
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = counts.Select(x => Hash(x.Key)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. counts.Select(x => x.Amount)] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await ReadAsync(command, names, ct);
    }

    /// <summary>What each has in its window now; what was never counted is not in the answer.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ReadAsync(IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT key, count FROM rate_counter WHERE key = ANY($1) AND until > $2");
        command.Parameters.Add(new NpgsqlParameter { Value = keys.Select(Hash).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await ReadAsync(command, Names(keys), ct);
    }

    /// <summary>Deletes what is over.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("DELETE FROM rate_counter WHERE until < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<IReadOnlyDictionary<string, int>> ReadAsync(NpgsqlCommand command, Dictionary<string, string> names, CancellationToken ct)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found[names[Convert.ToHexString(reader.GetFieldValue<byte[]>(0))]] = reader.GetInt32(1);
        }

        return found;
    }

    private static Dictionary<string, string> Names(IEnumerable<string> keys)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            names[Convert.ToHexString(Hash(key))] = key;
        }

        return names;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[..16];
}
