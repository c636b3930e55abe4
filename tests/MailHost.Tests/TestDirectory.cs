using Microsoft.AspNetCore.Identity;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Tests;

/// <summary>Fills a test host's database: one tenant with example.test, and accounts with the password "secret".</summary>
internal sealed class TestDirectory(NpgsqlDataSource source)
{
    public const string Password = "secret";

    private static readonly string Hash = new PasswordHasher<AppUser>().HashPassword(null!, Password);

    public TenantId Tenant { get; } = new(1);

    public async Task CreateTenantAsync() => await ExecuteAsync("""
        INSERT INTO reseller (name, suspended, max_tenants, max_accounts, created_at) VALUES ('R', false, 0, 0, now());
        INSERT INTO plan (name, account_quota_bytes, max_accounts, max_domains, max_message_bytes, send_per_day, created_at)
        VALUES ('P', 1000000000, 0, 0, 100000000, 2000, now());
        INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 1, 'T', false, now());
        INSERT INTO mail_domain (tenant_id, name, state, verification_token, created_at) VALUES (1, 'example.test', 1, 'x', now());
        """);

    public async Task<AccountId> AddAccountAsync(string name, long quota = 1_000_000_000)
    {
        await using var command = source.CreateCommand("""
            WITH a AS (
              INSERT INTO account (tenant_id, domain_id, local_part, address, display_name, kind, suspended, forward_to, keep_forwarded, created_at)
              VALUES (1, 1, $1, $1 || '@example.test', $1, 0, false, '{}', true, now()) RETURNING id
            ), s AS (
              INSERT INTO account_state (account_id, tenant_id, mod_seq, used_bytes, quota_bytes, message_count, tombstones_from)
              SELECT id, 1, 6, 0, $2, 0, 0 FROM a
            ), e AS (
              INSERT INTO address (domain_id, local_part, tenant_id, kind, target_id) SELECT 1, $1, 1, 0, id FROM a
            ), m AS (
              INSERT INTO mailbox (account_id, id, name, special_use, subscribed, sort_order, uid_validity, uid_next, highest_mod_seq,
                created_mod_seq, changed_mod_seq, total, unseen, deleted_count, size_bytes)
              SELECT a.id, n, name, n, true, 0, n, 1, n, n, n, 0, 0, 0, 0
              FROM a, unnest(ARRAY['INBOX', 'Drafts', 'Sent', 'Trash', 'Junk', 'Archive']) WITH ORDINALITY AS x(name, n)
            ), u AS (
              INSERT INTO app_user (user_name, normalized_user_name, email, normalized_email, email_confirmed, password_hash, security_stamp,
                concurrency_stamp, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count, display_name, account_id, tenant_id,
                disabled, created_at)
              SELECT $1 || '@example.test', upper($1 || '@example.test'), null, null, true, $3, 's', 'c', false, false, true, 0, $1, id, 1, false, now() FROM a
            ) SELECT id FROM a
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = quota });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Hash });
        return new AccountId((long)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>A shared mailbox, and what a member may do with it.</summary>
    public async Task<AccountId> AddSharedAsync(string name, string member, MailboxRights rights)
    {
        var id = await AddAccountAsync(name);
        await ExecuteAsync($"""
            DELETE FROM app_user WHERE account_id = {id};
            UPDATE account SET kind = 1 WHERE id = {id};
            INSERT INTO mailbox_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights)
            SELECT {id}, 0, 0, a.id, {(int)rights} FROM account a WHERE a.local_part = '{member}'
            """);
        return id;
    }

    public Task AddAliasAsync(string name, params string[] targets) => ExecuteAsync($"""
        WITH l AS (
          INSERT INTO alias (tenant_id, domain_id, local_part, address, targets, enabled, created_at)
          VALUES (1, 1, '{name}', '{name}@example.test', ARRAY[{string.Join(',', targets.Select(t => $"'{t}'"))}], true, now()) RETURNING id)
        INSERT INTO address (domain_id, local_part, tenant_id, kind, target_id) SELECT 1, '{name}', 1, 1, id FROM l
        """);

    public async Task ExecuteAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
