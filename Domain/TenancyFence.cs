using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain;

/// <summary>Puts each connection of a fenced host behind row-level security for the unit of work's caller; operators and the platform pass.</summary>
internal sealed class TenancyFence(Caller caller) : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Command(connection);
        command?.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Command(connection);
        if (command is not null)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private NpgsqlCommand? Command(DbConnection connection)
    {
        (string Scope, string Key, long Id) fence;
        switch (caller.Scope)
        {
            case CallerScope.OfReseller r:
                fence = ("reseller", "app.reseller", r.Reseller.Value);
                break;
            case CallerScope.OfTenant t:
                fence = ("tenant", "app.tenant", t.Tenant.Value);
                break;
            case CallerScope.OfAccount a:
                fence = ("account", "app.account", a.Account.Value);
                break;
            default:
                return null;
        }

        var command = new NpgsqlCommand(
            $"SELECT set_config('app.scope', $1, false), set_config($2, $3, false), set_config('role', '{MailDatabase.FencedRole}', false)",
            (NpgsqlConnection)connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = fence.Scope });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = fence.Key });
        command.Parameters.Add(new NpgsqlParameter<string>
        {
            TypedValue = fence.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        return command;
    }
}
