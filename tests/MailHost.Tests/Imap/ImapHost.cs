using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>MailHost with two users, u1 and u2@example.test, password "secret", and the shared mailbox team@example.test.</summary>
internal sealed class ImapHost : IAsyncDisposable
{
    private ImapHost(TestHost host) => Host = host;

    public TestHost Host { get; }

    public AccountId Account { get; } = new(1);

    public TenantId Tenant { get; } = new(1);

    public MessageStore Messages => Host.Services.GetRequiredService<MessageStore>();

    public MailboxService Mailboxes => Host.Services.GetRequiredService<MailboxService>();

    public static async Task<ImapHost> CreateAsync(bool manualClock = false, params (string Key, string Value)[] settings)
    {
        var host = await TestHost.CreateAsync(
            manualClock, [
                ("Roles", "imap,pop3,sieve"), ("Imap:FailedLoginDelay", "00:00:00"), .. settings,
                .. settings.Any(x => x.Key == "Auth:AllowPlaintextAuth") ? ((string, string)[])[] : [("Auth:AllowPlaintextAuth", "true")],
            ]);
        var source = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = source.CreateCommand("""
            INSERT INTO reseller (name, suspended, max_tenants, max_accounts, created_at) VALUES ('R', false, 0, 0, now());
            INSERT INTO plan (name, account_quota_bytes, max_accounts, max_domains, max_message_bytes, send_per_day, created_at)
            VALUES ('P', 1000000000, 0, 0, 100000000, 2000, now());
            INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 1, 'T', false, now());
            INSERT INTO mail_domain (tenant_id, name, state, verification_token, created_at) VALUES (1, 'example.test', 1, 'x', now());
            """);
        await command.ExecuteNonQueryAsync();
        await AddAccountAsync(source, "u1");
        await AddAccountAsync(source, "u2");
        await AddAccountAsync(source, "team", AccountKind.Shared);
        return new ImapHost(host);
    }

    public async Task<StoredMessage> DeliverAsync(string raw, SpecialUse use = SpecialUse.Inbox, MessageFlags flags = MessageFlags.None)
    {
        using var bytes = MessageBytes.From(Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n")));
        var stored = await Messages.StoreAsync(
            new StoreRequest { Account = Account, Tenant = Tenant, Message = bytes, SpecialUse = use, Flags = flags }, CancellationToken.None);
        return stored.Value ?? throw new InvalidOperationException(stored.Refusal!.Text);
    }

    public Task<StoredMessage> DeliverNumberAsync(int n) => DeliverAsync(
        $"""
        From: Alice Example <alice@example.org>
        To: u1@example.test
        Subject: Message {n}
        Date: Thu, {n % 28 + 1:00} Jan 2026 10:00:00 +0100
        Message-ID: <m{n}@example.org>

        This is message number {n}.

        """);

    /// <summary>A member of the shared mailbox.</summary>
    public Task AddMemberAsync(string name, MailboxRights rights) => ExecuteAsync($"""
        INSERT INTO mailbox_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights)
        SELECT t.id, 0, 0, a.id, {(int)rights} FROM account t, account a WHERE t.local_part = 'team' AND a.local_part = '{name}'
        """);

    /// <summary>A member of the group staff@example.test.</summary>
    public Task AddToStaffAsync(string name) => ExecuteAsync($"""
        WITH g AS (
          INSERT INTO mail_group (tenant_id, domain_id, local_part, address, name, internal_only, created_at)
          SELECT 1, 1, 'staff', 'staff@example.test', 'Staff', false, now() RETURNING id
        )
        INSERT INTO group_member (tenant_id, group_id, address) SELECT 1, id, '{name}@example.test' FROM g
        """);

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    private static async Task AddAccountAsync(NpgsqlDataSource source, string name, AccountKind kind = AccountKind.User)
    {
        await using var command = source.CreateCommand("""
            WITH a AS (
              INSERT INTO account (tenant_id, domain_id, local_part, address, display_name, kind, suspended, forward_to, keep_forwarded, created_at)
              VALUES (1, 1, $1, $1 || '@example.test', $1, $3, false, '{}', true, now()) RETURNING id
            ), s AS (
              INSERT INTO account_state (account_id, tenant_id, mod_seq, used_bytes, quota_bytes, message_count, tombstones_from)
              SELECT id, 1, 6, 0, 1000000000, 0, 0 FROM a
            ), u AS (
              INSERT INTO app_user (user_name, normalized_user_name, email, normalized_email, email_confirmed, password_hash, security_stamp,
                concurrency_stamp, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count, display_name, account_id,
                tenant_id, disabled, created_at)
              SELECT $1 || '@example.test', upper($1 || '@example.test'), $1 || '@example.test', upper($1 || '@example.test'), true, $2, 's', 'c',
                false, false, false, 0, $1, id, 1, false, now() FROM a WHERE $3 = 0
            ) INSERT INTO mailbox (account_id, id, name, special_use, subscribed, sort_order, uid_validity, uid_next, highest_mod_seq,
                created_mod_seq, changed_mod_seq, total, unseen, deleted_count, size_bytes)
              SELECT a.id, n, name, n, true, 0, n, 1, n, n, n, 0, 0, 0, 0
              FROM a, unnest(ARRAY['INBOX', 'Drafts', 'Sent', 'Trash', 'Junk', 'Archive']) WITH ORDINALITY AS x(name, n)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = new PasswordHasher<AppUser>().HashPassword(null!, "secret") });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)kind });
        await command.ExecuteNonQueryAsync();
    }
}
