using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Submission;

internal enum SendRight
{
    None,

    /// <summary>Under a shared mailbox's address, and named as Sender.</summary>
    OnBehalf,

    /// <summary>Under a shared mailbox's address, as if it were the mailbox.</summary>
    As,

    /// <summary>Under an address of its own.</summary>
    Own,
}

/// <summary>
/// What an account may send. Addresses: its own, with any +detail, those of enabled aliases that lead to it directly, and those of the shared
/// mailboxes that it may send for.
/// </summary>
internal sealed class SenderAuthorization(NpgsqlDataSource source, ShareDirectory shares)
{
    public async Task<SendRight> RightAsync(AccountId account, MailAddress sender, CancellationToken ct)
    {
        var shared = (await shares.OfAsync(account, ct)).Where(s => s.MaySend).ToList();

        // The account's address stands for its aliases' targets; a suspended domain's addresses are nobody's.
        await using var command = source.CreateCommand("""
            SELECT a.id FROM account a JOIN mail_domain d ON d.id = a.domain_id AND d.state = 1
            WHERE a.id = ANY($1) AND a.deleted_at IS NULL AND d.name = $2 AND a.local_part IN ($3, $4)
            UNION ALL
            SELECT a.id FROM account a
            JOIN alias l ON l.tenant_id = a.tenant_id AND l.enabled AND l.targets @> ARRAY[a.address]
            JOIN mail_domain d ON d.id = l.domain_id AND d.state = 1
            WHERE a.id = ANY($1) AND a.deleted_at IS NULL AND d.name = $2 AND l.local_part IN ($3, $4)
            """);
        var local = sender.LocalKey;
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = shared.Select(s => s.Id.Value).Prepend(account.Value).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sender.Domain });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = local });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? local[..plus] : local });
        var best = SendRight.None;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var owner = new AccountId(reader.GetInt64(0));
            var right = owner == account ? SendRight.Own
                : shared.Find(s => s.Id == owner)!.Everywhere.Has(MailboxRights.SendAs) ? SendRight.As : SendRight.OnBehalf;
            best = right > best ? right : best;
        }

        return best;
    }

    /// <summary>The account's own address: what Sender says of who sends on behalf.</summary>
    public async Task<string> AddressAsync(AccountId account, CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT address FROM account WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The largest message that the account's plan lets it send.</summary>
    public async Task<long> MaxMessageBytesAsync(AccountId account, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT p.max_message_bytes FROM account a JOIN tenant t ON t.id = a.tenant_id JOIN plan p ON p.id = t.plan_id WHERE a.id = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        return await command.ExecuteScalarAsync(ct) is long max and > 0 ? max : long.MaxValue;
    }
}
