using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Migrations.Seed;

/// <summary>
/// Many accounts in one statement: the rows that AccountService writes for one account (account, state, address, user and the six special
/// mailboxes), for all that are not there yet. Ten thousand take about a second.
/// </summary>
internal static class AccountRows
{
    private const string Sql = """
        WITH new AS (
            INSERT INTO account (tenant_id, domain_id, local_part, address, display_name, kind, suspended, forward_to, keep_forwarded, created_at)
            SELECT $1, $2, 'u' || n, 'u' || n || '@' || $3, 'User ' || n, 0, false, '{}', true, now()
            FROM generate_series(1, $4) n
            WHERE NOT EXISTS (SELECT FROM address a WHERE a.domain_id = $2 AND a.local_part = 'u' || n)
            RETURNING id, local_part, address, display_name
        ), addresses AS (
            INSERT INTO address (domain_id, local_part, tenant_id, kind, target_id)
            SELECT $2, local_part, $1, 0, id FROM new
        ), states AS (
            INSERT INTO account_state (account_id, tenant_id, mod_seq, used_bytes, quota_bytes, message_count, tombstones_from)
            SELECT id, $1, 6, 0, $5, 0, 0 FROM new
        ), users AS (
            INSERT INTO app_user (display_name, account_id, tenant_id, disabled, created_at, user_name, normalized_user_name, email, normalized_email,
                email_confirmed, password_hash, security_stamp, concurrency_stamp, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count)
            SELECT display_name, id, $1, false, now(), address, upper(address), address, upper(address),
                true, $6, replace(gen_random_uuid()::text, '-', ''), gen_random_uuid()::text, false, false, false, 0 FROM new
        ), boxes AS (
            INSERT INTO mailbox (account_id, id, name, special_use, subscribed, sort_order, uid_validity, uid_next, highest_mod_seq, created_mod_seq,
                changed_mod_seq, total, unseen, deleted_count, size_bytes)
            SELECT new.id, box.number, box.name, box.use, true, box.number - 1, extract(epoch FROM now())::bigint, 1, box.number, box.number, box.number, 0, 0, 0, 0
            FROM new CROSS JOIN (VALUES (1, 'INBOX', 1), (2, 'Drafts', 2), (3, 'Sent', 3), (4, 'Archive', 6), (5, 'Junk', 5), (6, 'Trash', 4)) AS box(number, name, use)
        )
        SELECT count(*) FROM new
        """;

    public static async Task<long> AddAsync(
        NpgsqlDataSource source, TenantId tenant, DomainId domain, string domainName, int count, long quota, string passwordHash, CancellationToken ct)
    {
        await using var command = source.CreateCommand(Sql);
        command.CommandTimeout = 3600;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = domain.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = domainName });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = quota });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = passwordHash });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
