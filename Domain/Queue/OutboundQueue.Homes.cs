using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Queue;

/// <summary>Rows for accounts go where the account is at home: when that changes, and where a worker finds that it has changed.</summary>
public sealed partial class OutboundQueue
{
    /// <summary>What waits for these accounts goes to their new home, at once. Rows that a worker holds at this moment are sent on by that worker.</summary>
    public async Task RehomeAsync(IReadOnlyList<AccountId> accounts, LegacyPlatformId? home, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("""
            UPDATE queue_recipient SET destination = $2, next_attempt_at = $3, changed_at = $3
            WHERE account_id = ANY($1) AND state = 0 AND account_id IS NOT NULL AND destination <> $2
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. accounts.Select(a => a.Value)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = LegacyDestination.Of(home) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        if (await command.ExecuteNonQueryAsync(ct) > 0)
        {
            feed.Wake(Topic);
        }
    }

    /// <summary>Takes out of leased messages the recipients whose account is not at home where they were leased for, and lets those wait there.
    /// Returns what is left.</summary>
    public async Task<IReadOnlyList<LeasedMessage>> SendHomeAsync(
        IReadOnlyList<LeasedMessage> messages, LegacyPlatformId? here, string owner, CancellationToken ct)
    {
        bool IsAstray(LeasedRecipient r) => r.Account is not null && !r.GivenUp && r.Home != here;

        LeasedRecipient[] astray = [.. messages.SelectMany(m => m.Recipients).Where(IsAstray)];
        if (astray.Length == 0)
        {
            return messages;
        }

        await using (var connection = await source.OpenConnectionAsync(ct))
        {
            await using var command = new NpgsqlCommand("""
                UPDATE queue_recipient r SET destination = u.destination, state = 0, next_attempt_at = $4, lease_owner = NULL, lease_until = NULL
                FROM unnest($1::bigint[], $2::text[]) AS u(id, destination) WHERE r.id = u.id AND r.state = 1 AND r.lease_owner = $3
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. astray.Select(r => r.Id)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. astray.Select(r => LegacyDestination.Of(r.Home))] });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            await command.ExecuteNonQueryAsync(ct);
        }

        feed.Wake(Topic);
        return [.. messages.Select(m => m with { Recipients = [.. m.Recipients.Where(r => !IsAstray(r))] }).Where(m => m.Recipients.Count > 0)];
    }

    /// <summary>The primary addresses of accounts.</summary>
    public async Task<IReadOnlyDictionary<AccountId, MailAddress>> AddressesAsync(IReadOnlyList<AccountId> accounts, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT id, address FROM account WHERE id = ANY($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. accounts.Select(a => a.Value)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new Dictionary<AccountId, MailAddress>();
        while (await reader.ReadAsync(ct))
        {
            if (MailAddress.TryParse(reader.GetString(1), out var address))
            {
                found[new AccountId(reader.GetInt64(0))] = address;
            }
        }

        return found;
    }
}
