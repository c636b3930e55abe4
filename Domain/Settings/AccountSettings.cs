using System.Text.Json;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Settings;

/// <summary>What a setting comes to for one account, in one look-up: for servers, which act for an account without a caller's scope.</summary>
public sealed class AccountSettings(NpgsqlDataSource source)
{
    public async Task<JsonElement> GetAsync(AccountId account, SettingKey key, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT s.value::text FROM account a JOIN tenant t ON t.id = a.tenant_id
            JOIN setting s ON s.key = $2 AND (s.level, s.owner_id) IN ((0, 0), (1, t.reseller_id), (2, t.id), (3, a.domain_id), (4, a.id))
            WHERE a.id = $1 ORDER BY s.level DESC LIMIT 1
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Key });
        return await command.ExecuteScalarAsync(ct) is string value ? JsonSerializer.Deserialize<JsonElement>(value) : key.Default;
    }
}
