using System.Buffers;
using System.Text.Json;
using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Settings;

/// <summary>
/// What a user may set for the own account: settings of the catalogue that say so, which inherit like any other, and lists that are nobody
/// else's business and have no wider value.
/// </summary>
public sealed class PreferenceService(MailDatabase database, TimeProvider clock)
{
    /// <summary>Addresses whose remote images are shown without asking.</summary>
    public const string ImagesFrom = "webmail.imagesFrom";

    /// <summary>In front of the name of a list of addresses, which filters can ask and forward to (RFC 6134).</summary>
    public const string Lists = "list.";

    /// <summary>Lists that an account may keep.</summary>
    public const int MaxLists = 20;

    /// <summary>Entries of a list.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Characters of an entry.</summary>
    public const int MaxEntryLength = 320;

    /// <summary>Every preference as it holds for the account.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> GetAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT DISTINCT ON (s.key) s.key, s.value::text
            FROM account a JOIN tenant t ON t.id = a.tenant_id
            JOIN setting s ON (s.key LIKE 'webmail.%' OR (s.level = 4 AND s.key LIKE 'list.%')) AND (s.level = 0 OR (s.level = 1 AND s.owner_id = t.reseller_id)
              OR (s.level = 2 AND s.owner_id = t.id) OR (s.level = 3 AND s.owner_id = a.domain_id) OR (s.level = 4 AND s.owner_id = a.id))
            WHERE a.id = $1 ORDER BY s.key, s.level DESC
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        var values = SettingCatalogue.All.Where(k => k.Own).ToDictionary(k => k.Key, k => k.Default, StringComparer.Ordinal);
        values[ImagesFrom] = JsonSerializer.SerializeToElement(Array.Empty<string>());
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (values.ContainsKey(reader.GetString(0)) || IsListKey(reader.GetString(0)))
            {
                values[reader.GetString(0)] = JsonSerializer.Deserialize<JsonElement>(reader.GetString(1));
            }
        }

        return values;
    }

    /// <summary>Sets some; null takes the own value away, so that the wider one shows through. All or nothing. Refusals: NotFound (key), Invalid (value).</summary>
    public async Task<Refusal?> SetAsync(AccountId account, IReadOnlyDictionary<string, JsonElement> changes, CancellationToken ct)
    {
        foreach (var (key, value) in changes)
        {
            var known = SettingCatalogue.Find(key);
            if (key != ImagesFrom && !IsListKey(key) && known is not { Own: true })
            {
                return Refusal.Invalid(key, "There is no such preference.");
            }

            if (value.ValueKind != JsonValueKind.Null && !(known is null ? IsList(value) : known.Takes(value)))
            {
                return Refusal.Invalid(key, "The value does not fit.");
            }
        }

        if (changes.Any(c => IsListKey(c.Key) && c.Value.ValueKind != JsonValueKind.Null)
            && (await GetAsync(account, ct)).Keys.Concat(changes.Keys).Where(IsListKey).Distinct(StringComparer.Ordinal)
                .Count(k => !changes.TryGetValue(k, out var v) || v.ValueKind != JsonValueKind.Null) > MaxLists)
        {
            return new Refusal(RefusalReason.LimitReached, $"At most {MaxLists} lists.");
        }

        await using var connection = await database.OpenAsync(account, ct);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (key, value) in changes)
        {
            var gone = value.ValueKind == JsonValueKind.Null;
            var command = new NpgsqlBatchCommand(gone
                ? "DELETE FROM setting WHERE level = 4 AND owner_id = $1 AND key = $2"
                : """
                  INSERT INTO setting (level, owner_id, key, value, changed_at) VALUES (4, $1, $2, $3::jsonb, $4)
                  ON CONFLICT (level, owner_id, key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at
                  """);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
            if (!gone)
            {
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value.GetRawText() });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            }

            batch.BatchCommands.Add(command);
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }

        return null;
    }

    private static readonly SearchValues<char> ListNameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static bool IsListKey(string key) =>
        key.StartsWith(Lists, StringComparison.Ordinal) && key.Length is > 5 and <= 37
        && !key.AsSpan(Lists.Length).ContainsAnyExcept(ListNameCharacters);

    private static bool IsList(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxEntries
        && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && e.GetString() is { Length: > 0 and <= MaxEntryLength });
}
