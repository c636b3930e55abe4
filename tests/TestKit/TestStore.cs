using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;

namespace SaaS.TestKit;

/// <summary>The mail store on a database of its own, with one reseller, plan, tenant and verified domain (example.test).</summary>
public sealed class TestStore : IAsyncDisposable
{
    private TestStore(string connectionString)
    {
        ConnectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
        var transport = new PostgresChangeTransport(Source);
        Feed = new ChangeFeed(transport, transport, TimeProvider.System, NullLogger<ChangeFeed>.Instance);
        Blobs = new PostgresBlobStore(Source, TimeProvider.System);
        Database = new MailDatabase(Source);
        Messages = new MessageStore(Database, Blobs, Feed, TimeProvider.System);
        Mailboxes = new MailboxService(Database, Messages, Feed);
    }

    public string ConnectionString { get; }
    public NpgsqlDataSource Source { get; }
    public ChangeFeed Feed { get; }
    public IBlobStore Blobs { get; }
    public MailDatabase Database { get; }
    public MessageStore Messages { get; }
    public MailboxService Mailboxes { get; }
    public TenantId Tenant { get; } = new(1);

    public static async Task<TestStore> CreateAsync()
    {
        var store = new TestStore(await TestPostgres.CreateDatabaseAsync());
        await store.ExecuteAsync("""
            INSERT INTO reseller (name, suspended, max_tenants, max_accounts, created_at) VALUES ('R', false, 0, 0, now());
            INSERT INTO plan (name, account_quota_bytes, max_accounts, max_domains, max_message_bytes, send_per_day, created_at)
            VALUES ('P', 1000000000, 0, 0, 100000000, 2000, now());
            INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 1, 'T', false, now());
            INSERT INTO mail_domain (tenant_id, name, state, verification_token, created_at) VALUES (1, 'example.test', 1, 'x', now());
            """);
        return store;
    }

    /// <summary>An account NAME@example.test with INBOX, Drafts, Sent, Trash, Junk and Archive; no user to sign in with. Kind 1: a shared mailbox.</summary>
    public async Task<AccountId> AddAccountAsync(string name, long quota = 1_000_000_000, int kind = 0)
    {
        await using var command = Source.CreateCommand("""
            WITH a AS (
              INSERT INTO account (tenant_id, domain_id, local_part, address, display_name, kind, suspended, forward_to, keep_forwarded, created_at)
              VALUES (1, 1, $1, $1 || '@example.test', $1, $3, false, '{}', true, now()) RETURNING id
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
            ) SELECT id FROM a
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = quota });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = kind });
        return new AccountId((long)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>Delivers a small message; <paramref name="headers"/> are lines without their CRLF.</summary>
    public async Task<StoredMessage> DeliverAsync(
        AccountId account, string subject, string body = "Hello.", MessageFlags flags = MessageFlags.None, params string[] headers)
    {
        var text = $"From: Sender <sender@example.org>\r\nTo: you@example.test\r\nSubject: {subject}\r\n"
            + string.Concat(headers.Select(h => h + "\r\n")) + "\r\n" + body.ReplaceLineEndings("\r\n") + "\r\n";
        using var bytes = MessageBytes.From(Encoding.UTF8.GetBytes(text));
        var stored = await Messages.StoreAsync(
            new StoreRequest { Account = account, Tenant = Tenant, Message = bytes, Flags = flags }, CancellationToken.None);
        return stored.Value ?? throw new InvalidOperationException(stored.Refusal!.Text);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        Feed.Dispose();
        await Source.DisposeAsync();
    }
}
