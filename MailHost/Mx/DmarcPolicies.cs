using Npgsql;
using SaaS.Domain.Settings;

namespace SaaS.MailHost.Mx;

/// <summary>What the recipients' domains do with mail that fails DMARC. Asked only for such mail.</summary>
internal sealed class DmarcPolicies(NpgsqlDataSource source)
{
    /// <summary>The setting inbound.dmarc for each domain that is ours.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FindAsync(IEnumerable<string> domains, CancellationToken ct)
    {
        var fallback = SettingCatalogue.InboundDmarc.Default.GetString()!;
        await using var command = source.CreateCommand("""
            SELECT DISTINCT ON (d.name) d.name, s.value #>> '{}'
            FROM mail_domain d JOIN tenant t ON t.id = d.tenant_id
            LEFT JOIN setting s ON s.key = $2 AND (s.level = 0 OR (s.level = 1 AND s.owner_id = t.reseller_id)
              OR (s.level = 2 AND s.owner_id = t.id) OR (s.level = 3 AND s.owner_id = d.id))
            WHERE d.name = ANY($1) AND d.state <> 0 ORDER BY d.name, s.level DESC NULLS LAST
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. domains.Distinct()] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = SettingCatalogue.InboundDmarc.Key });
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found[reader.GetString(0)] = reader.IsDBNull(1) ? fallback : reader.GetString(1);
        }

        return found;
    }
}
