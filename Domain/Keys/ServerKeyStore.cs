using Npgsql;

namespace SaaS.Domain.Keys;

/// <summary>
/// Reads and makes server keys as the platform itself; the fenced role has no right to the table. Synchronous, because the key ring and the token
/// options that ask for them are.
/// </summary>
public sealed class ServerKeyStore(NpgsqlDataSource source, TimeProvider time)
{
    public IReadOnlyList<ServerKey> List(string purpose)
    {
        using var command = source.CreateCommand("SELECT id, purpose, value, created_at FROM server_key WHERE purpose = $1 ORDER BY created_at, id");
        command.Parameters.AddWithValue(purpose);
        using var reader = command.ExecuteReader();
        var keys = new List<ServerKey>();
        while (reader.Read())
        {
            keys.Add(new ServerKey
            {
                Id = reader.GetString(0),
                Purpose = reader.GetString(1),
                Value = reader.GetString(2),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(3),
            });
        }

        return keys;
    }

    /// <summary>Stores it unless one of that id is there: the first of several nodes wins and all read its key.</summary>
    public void Add(string purpose, string name, string value)
    {
        using var command = source.CreateCommand(
            "INSERT INTO server_key (id, purpose, value, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING");
        command.Parameters.AddWithValue($"{purpose}:{name}");
        command.Parameters.AddWithValue(purpose);
        command.Parameters.AddWithValue(value);
        command.Parameters.AddWithValue(time.GetUtcNow());
        command.ExecuteNonQuery();
    }

    public void Remove(string id)
    {
        using var command = source.CreateCommand("DELETE FROM server_key WHERE id = $1");
        command.Parameters.AddWithValue(id);
        command.ExecuteNonQuery();
    }

    /// <summary>Writes another value, unless somebody else has.</summary>
    public void Replace(string id, string was, string value)
    {
        using var command = source.CreateCommand("UPDATE server_key SET value = $3 WHERE id = $1 AND value = $2");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(was);
        command.Parameters.AddWithValue(value);
        command.ExecuteNonQuery();
    }
}
