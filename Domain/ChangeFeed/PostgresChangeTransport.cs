using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;

namespace SaaS.Domain.ChangeFeed;

/// <summary>LISTEN/NOTIFY on connections of their own: a NOTIFY inside a delivery's transaction would put all commits in one line.</summary>
public sealed class PostgresChangeTransport(NpgsqlDataSource source) : IChangeTransport, IChangePoll, IAsyncDisposable
{
    private const string Channel = "postyard";
    private NpgsqlConnection? _sender;

    public async Task SendAsync(string payload, CancellationToken ct)
    {
        try
        {
            _sender ??= await source.OpenConnectionAsync(ct);
            await using var command = new NpgsqlCommand($"SELECT pg_notify('{Channel}', $1)", _sender);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = payload });
            await command.ExecuteNonQueryAsync(ct);
        }
        catch
        {
            if (Interlocked.Exchange(ref _sender, null) is { } broken)
            {
                await broken.DisposeAsync();
            }

            throw;
        }
    }

    public async Task ReceiveAsync(Action<string> received, Action connected, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        connection.Notification += (_, e) => received(e.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        try
        {
            connected();
            while (true)
            {
                await connection.WaitAsync(ct);
            }
        }
        finally
        {
            // The pool hands connections on as they are.
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await using var unlisten = new NpgsqlCommand($"UNLISTEN {Channel}", connection);
                await unlisten.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }

    public async Task<IReadOnlyDictionary<AccountId, ModSeq>> CurrentAsync(IReadOnlyCollection<AccountId> accounts, CancellationToken ct)
    {
        var current = new Dictionary<AccountId, ModSeq>(accounts.Count);
        await using var command = source.CreateCommand("SELECT account_id, mod_seq FROM account_state WHERE account_id = ANY($1)");
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = accounts.Select(a => a.Value).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            current[new AccountId(reader.GetInt64(0))] = new ModSeq(reader.GetInt64(1));
        }

        return current;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _sender, null) is { } sender)
        {
            await sender.DisposeAsync();
        }
    }
}
