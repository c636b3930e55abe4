using System.Collections.Concurrent;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;

namespace SaaS.Domain.Sharing;

/// <summary>
/// What is shared to an account. Asked at every command that touches somebody else's mail, and so remembered: for <see cref="Lifetime"/> at
/// most, and until any grant, group or account changes anywhere (the change feed tells every process).
/// </summary>
public sealed class ShareDirectory : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>What the change feed calls it when a grant changed.</summary>
    public const string Topic = "sharing";

    /// <summary>Grants that count for one account; who is given more sees these.</summary>
    private const int MaxGrants = 5000;
    private const int MaxRemembered = 50_000;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly IDisposable[] _subscriptions;
    private readonly ConcurrentDictionary<AccountId, (IReadOnlyList<SharedAccount> Shared, long At)> _known = new();
    private int _emptied;

    public ShareDirectory(NpgsqlDataSource source, IChangeFeed feed, TimeProvider time)
    {
        (_source, _time) = (source, time);
        _subscriptions = [feed.OnWake(Topic, Empty), feed.OnWake(DirectoryChanges.Topic, Empty)];
    }

    /// <summary>By address. Of the same tenant always; nothing of an account that is suspended or gone.</summary>
    public async ValueTask<IReadOnlyList<SharedAccount>> OfAsync(AccountId reader, CancellationToken ct)
    {
        if (_known.TryGetValue(reader, out var known) && _time.GetElapsedTime(known.At) < Lifetime)
        {
            return known.Shared;
        }

        var emptied = Volatile.Read(ref _emptied);
        var shared = await ReadAsync(reader, ct);
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        _known[reader] = (shared, _time.GetTimestamp());
        if (Volatile.Read(ref _emptied) != emptied)
        {
            // Something changed while it was read: it serves this once.
            _known.TryRemove(reader, out _);
        }

        return shared;
    }

    public async ValueTask<SharedAccount?> FindAsync(AccountId reader, AccountId account, CancellationToken ct) =>
        (await OfAsync(reader, ct)).FirstOrDefault(s => s.Id == account);

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void Empty()
    {
        Interlocked.Increment(ref _emptied);
        _known.Clear();
    }

    private async Task<IReadOnlyList<SharedAccount>> ReadAsync(AccountId reader, CancellationToken ct)
    {
        await using var command = _source.CreateCommand($"""
            WITH me AS MATERIALIZED (
              SELECT id, tenant_id, address FROM account WHERE id = $1 AND deleted_at IS NULL
            ), who(kind, id) AS (
              SELECT 0, id FROM me
              UNION ALL SELECT 2, tenant_id FROM me
              UNION ALL SELECT 1, m.group_id FROM me JOIN group_member m ON m.address = me.address AND m.tenant_id = me.tenant_id
            )
            SELECT a.id, a.address, a.display_name, a.kind, g.mailbox_id, bit_or(g.rights)
            FROM who JOIN mailbox_grant g ON g.grantee_kind = who.kind AND g.grantee_id = who.id
            JOIN account a ON a.id = g.account_id AND a.deleted_at IS NULL AND NOT a.suspended
            WHERE a.id <> $1 AND a.tenant_id = (SELECT tenant_id FROM me)
            GROUP BY a.id, g.mailbox_id ORDER BY a.address, g.mailbox_id LIMIT {MaxGrants}
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = reader.Value });
        var found = new List<SharedAccount>();
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var id = new AccountId(rows.GetInt64(0));
            if (found.Count == 0 || found[^1].Id != id)
            {
                found.Add(new SharedAccount(
                    id, rows.GetString(1), rows.GetString(2), (AccountKind)rows.GetInt32(3), MailboxRights.None,
                    new Dictionary<MailboxId, MailboxRights>()));
            }

            var rights = (MailboxRights)rows.GetInt32(5);
            if (rows.GetInt64(4) == 0)
            {
                found[^1] = found[^1] with { Everywhere = rights };
            }
            else
            {
                ((Dictionary<MailboxId, MailboxRights>)found[^1].Mailboxes)[new MailboxId(rows.GetInt64(4))] = rights;
            }
        }

        return found;
    }
}
