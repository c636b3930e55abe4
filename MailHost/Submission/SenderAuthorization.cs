using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Submission;

/// <summary>What an account may send. Addresses: its own, with any +detail, and those of enabled aliases that lead to it directly.</summary>
internal sealed class SenderAuthorization(NpgsqlDataSource source)
{
    public async Task<bool> MaySendAsAsync(AccountId account, MailAddress sender, CancellationToken ct)
    {
        // The account's address stands for its aliases' targets; a suspended domain's addresses are nobody's.
        await using var command = source.CreateCommand("""
            SELECT EXISTS (
              SELECT FROM account a JOIN mail_domain d ON d.id = a.domain_id AND d.state = 1
              WHERE a.id = $1 AND a.deleted_at IS NULL AND d.name = $2 AND a.local_part IN ($3, $4))
            OR EXISTS (
              SELECT FROM account a
              JOIN alias l ON l.tenant_id = a.tenant_id AND l.enabled AND l.targets @> ARRAY[a.address]
              JOIN mail_domain d ON d.id = l.domain_id AND d.state = 1
              WHERE a.id = $1 AND a.deleted_at IS NULL AND d.name = $2 AND l.local_part IN ($3, $4))
            """);
        var local = sender.LocalKey;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sender.Domain });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = local });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? local[..plus] : local });
        return await command.ExecuteScalarAsync(ct) is true;
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
