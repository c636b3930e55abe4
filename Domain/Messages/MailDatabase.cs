using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>
/// Connections for the mail tables. With <see cref="Fenced"/> (the API, which serves many accounts for strangers) each connection is put
/// behind row-level security for the one account before it is used; the protocol servers go without that round trip.
/// </summary>
public sealed class MailDatabase(NpgsqlDataSource source)
{
    /// <summary>The role without rights of its own that the policies apply to; made by the migrations.</summary>
    public const string FencedRole = "postyard_fenced";

    public bool Fenced { get; init; }

    public NpgsqlDataSource Source => source;

    public async ValueTask<NpgsqlConnection> OpenAsync(AccountId account, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        if (!Fenced)
        {
            return connection;
        }

        try
        {
            // The pool's DISCARD ALL takes both back when the connection is closed.
            await using var command = new NpgsqlCommand(
                $"SELECT set_config('app.scope', 'account', false), set_config('app.account', $1, false), set_config('role', '{FencedRole}', false)",
                connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
            await command.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
