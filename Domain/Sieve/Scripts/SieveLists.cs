using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;
using SaaS.Domain.Settings;

namespace SaaS.Domain.Sieve.Scripts;

/// <summary>
/// The lists that scripts can ask (RFC 6134): "addrbook:NAME" is the list that the owner keeps under that name among the preferences, of which
/// "default" is always there; "addrbook:colleagues" has every address of the owner's tenant. An entry "@domain" stands for all of a domain.
/// </summary>
public sealed class SieveLists(NpgsqlDataSource source)
{
    private const string Book = "addrbook:";
    private const string Colleagues = "colleagues";

    public async Task<bool> IsAsync(AccountId account, string list, CancellationToken ct) =>
        Own(list) is { } name && (name is Colleagues or "default" || await ReadAsync(account, name, ct) is not null);

    /// <summary>The first of the values that is in the list.</summary>
    public async Task<string?> FindAsync(AccountId account, string list, IReadOnlyList<string> values, CancellationToken ct)
    {
        if (Own(list) is not { } name)
        {
            return null;
        }

        if (name == Colleagues)
        {
            return await ColleagueAsync(account, values, ct);
        }

        var entries = await ReadAsync(account, name, ct) ?? [];
        var known = entries.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return values.FirstOrDefault(v => known.Contains(v) || (v.LastIndexOf('@') is > 0 and var at && known.Contains(v[at..])));
    }

    /// <summary>The addresses to redirect to; null where there is no list of the owner's own by this name.</summary>
    public async Task<IReadOnlyList<MailAddress>?> AddressesAsync(AccountId account, string list, CancellationToken ct)
    {
        if (Own(list) is not { } name || name == Colleagues || await ReadAsync(account, name, ct) is not { } entries)
        {
            return null;
        }

        var addresses = new List<MailAddress>();
        foreach (var entry in entries)
        {
            if (MailAddress.TryParse(entry, out var address))
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }

    private static string? Own(string list) => list.StartsWith(Book, StringComparison.Ordinal) ? list[Book.Length..] : null;

    private async Task<IReadOnlyList<string>?> ReadAsync(AccountId account, string name, CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT value::text FROM setting WHERE level = 4 AND owner_id = $1 AND key = $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PreferenceService.Lists + name });
        return await command.ExecuteScalarAsync(ct) is string json ? JsonSerializer.Deserialize<string[]>(json) : null;
    }

    private async Task<string?> ColleagueAsync(AccountId account, IReadOnlyList<string> values, CancellationToken ct)
    {
        var asked = new List<(string Value, string Local, string Domain)>();
        foreach (var value in values)
        {
            if (MailAddress.TryParse(value, out var address))
            {
                asked.Add((value, address.LocalKey, address.Domain));
            }
        }

        await using var command = source.CreateCommand("""
            SELECT v.value FROM account a CROSS JOIN unnest($2, $3, $4) AS v(value, local, domain)
            JOIN mail_domain d ON d.name = v.domain AND d.tenant_id = a.tenant_id AND d.state = 1
            JOIN address e ON e.domain_id = d.id AND e.local_part = v.local
            WHERE a.id = $1 LIMIT 1
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        foreach (var column in (string[][])[[.. asked.Select(a => a.Value)], [.. asked.Select(a => a.Local)], [.. asked.Select(a => a.Domain)]])
        {
            command.Parameters.Add(new NpgsqlParameter { Value = column, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        }

        return await command.ExecuteScalarAsync(ct) as string;
    }
}
