using System.Collections.Concurrent;
using Npgsql;
using SaaS.Domain;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Router;

/// <summary>
/// Looks addresses up: one indexed query for any number of them. What was found is remembered until something in the directory changes,
/// which the change feed tells within milliseconds, and a minute at most, in case a hint is lost. What was not found is never
/// remembered, so that a new mailbox can be used at once; a full mailbox for two seconds, since nobody tells when it has room again.
/// </summary>
internal sealed class AddressDirectory : IDisposable
{
    private const int MaxRemembered = 50_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FullRemembered = TimeSpan.FromSeconds(2);

    private const string Sql = """
        SELECT q.n, d.id, d.tenant_id, d.state = 2 OR t.suspended, d.catch_all, e.kind, e.target_id, e.local_part = q.base AND q.base <> q.local,
          a.id, a.suspended, a.forward_to, a.keep_forwarded, s.used_bytes >= s.quota_bytes,
          al.targets, al.enabled, g.internal_only, CASE WHEN a.at_legacy THEN a.legacy_platform_id END
        FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) AS q(n, domain, local, base)
        JOIN mail_domain d ON d.name = q.domain AND d.state <> 0
        JOIN tenant t ON t.id = d.tenant_id
        LEFT JOIN LATERAL (SELECT kind, target_id, local_part FROM address WHERE domain_id = d.id AND local_part IN (q.local, q.base)
          ORDER BY local_part = q.local DESC LIMIT 1) e ON true
        LEFT JOIN account a ON e.kind = 0 AND a.id = e.target_id AND a.deleted_at IS NULL
        LEFT JOIN account_state s ON s.account_id = a.id
        LEFT JOIN alias al ON e.kind = 1 AND al.id = e.target_id
        LEFT JOIN mail_group g ON e.kind = 2 AND g.id = e.target_id
        """;

    private readonly ConcurrentDictionary<string, (DirectoryEntry Entry, long At)> _remembered = new(StringComparer.Ordinal);
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _clock;
    private readonly IDisposable _subscription;
    private int _changes;

    public AddressDirectory(NpgsqlDataSource source, TimeProvider clock, IChangeFeed feed)
    {
        (_source, _clock) = (source, clock);
        _subscription = feed.OnWake(DirectoryChanges.Topic, Forget);
    }

    /// <summary>An entry for each address, null where the domain is not ours.</summary>
    public async ValueTask<DirectoryEntry?[]> FindAsync(IReadOnlyList<MailAddress> addresses, CancellationToken ct)
    {
        var found = new DirectoryEntry?[addresses.Count];
        var numbers = new List<int>(addresses.Count);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (_remembered.TryGetValue(Key(addresses[i]), out var known)
                && _clock.GetElapsedTime(known.At) < (known.Entry.MailboxFull ? FullRemembered : Remembered))
            {
                found[i] = known.Entry;
            }
            else
            {
                numbers.Add(i);
            }
        }

        if (numbers.Count > 0)
        {
            await AskAsync(addresses, numbers, found, ct);
        }

        return found;
    }

    /// <summary>Members of a group, at most <paramref name="max"/>.</summary>
    public async Task<List<string>> MembersAsync(long group, int max, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT address FROM group_member WHERE group_id = $1 ORDER BY address LIMIT $2", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = max });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var members = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            members.Add(reader.GetString(0));
        }

        return members;
    }

    /// <summary>The mailbox of whoever looks after a tenant: its first admin, else (or without a tenant) the first operator.</summary>
    public async Task<(AccountId Account, TenantId Tenant)?> PostmasterAsync(TenantId? tenant, CancellationToken ct)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("""
            SELECT a.id, a.tenant_id FROM role_grant g JOIN app_user u ON u.id = g.user_id AND NOT u.disabled
            JOIN account a ON a.id = u.account_id AND a.deleted_at IS NULL AND NOT a.suspended
            WHERE (g.role = 2 AND g.tenant_id = $1) OR g.role = 0
            ORDER BY g.role DESC, g.id LIMIT 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant?.Value ?? 0 });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (new AccountId(reader.GetInt64(0)), new TenantId(reader.GetInt64(1))) : null;
    }

    private async Task AskAsync(IReadOnlyList<MailAddress> addresses, List<int> numbers, DirectoryEntry?[] found, CancellationToken ct)
    {
        var locals = numbers.ConvertAll(i => addresses[i].LocalKey);
        var bases = locals.ConvertAll(WithoutDetail);
        var changes = Volatile.Read(ref _changes);
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. numbers] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. numbers.Select(i => addresses[i].Domain)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. locals] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. bases] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var now = _clock.GetTimestamp();
        while (await reader.ReadAsync(ct))
        {
            var i = reader.GetInt32(0);
            var entry = Read(reader, addresses[i]);
            found[i] = entry;
            if (entry.Kind != TargetKind.None)
            {
                if (_remembered.Count >= MaxRemembered)
                {
                    _remembered.Clear();
                }

                _remembered[Key(addresses[i])] = (entry, now);
            }
        }

        // What changed while this was read may have been read as it was before.
        if (changes != Volatile.Read(ref _changes))
        {
            _remembered.Clear();
        }
    }

    private void Forget()
    {
        Interlocked.Increment(ref _changes);
        _remembered.Clear();
    }

    public void Dispose() => _subscription.Dispose();

    private static DirectoryEntry Read(NpgsqlDataReader reader, MailAddress address)
    {
        var kind = reader.IsDBNull(5) ? TargetKind.None : (TargetKind)(reader.GetInt32(5) + 1);
        if (kind == TargetKind.Mailbox && reader.IsDBNull(8))
        {
            kind = TargetKind.None;
        }

        return new DirectoryEntry
        {
            Domain = new DomainId(reader.GetInt64(1)),
            Tenant = new TenantId(reader.GetInt64(2)),
            Suspended = reader.GetBoolean(3),
            CatchAll = reader.IsDBNull(4) ? null : reader.GetString(4),
            Kind = kind,
            Target = kind == TargetKind.None ? 0 : reader.GetInt64(6),
            Detail = !reader.IsDBNull(7) && reader.GetBoolean(7) ? address.LocalPart[(address.LocalPart.IndexOf('+', StringComparison.Ordinal) + 1)..] : null,
            MailboxSuspended = !reader.IsDBNull(9) && reader.GetBoolean(9),
            ForwardTo = reader.IsDBNull(10) ? [] : reader.GetFieldValue<string[]>(10),
            KeepForwarded = !reader.IsDBNull(11) && reader.GetBoolean(11),
            MailboxFull = !reader.IsDBNull(12) && reader.GetBoolean(12),
            AliasTargets = reader.IsDBNull(13) ? [] : reader.GetFieldValue<string[]>(13),
            AliasEnabled = !reader.IsDBNull(14) && reader.GetBoolean(14),
            GroupInternalOnly = !reader.IsDBNull(15) && reader.GetBoolean(15),
            Home = reader.IsDBNull(16) ? null : new LegacyPlatformId(reader.GetInt64(16)),
        };
    }

    // local+detail (RFC 5233 §1): the detail may be empty, what stands before the + may not.
    private static string WithoutDetail(string local) =>
        local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? local[..plus] : local;

    private static string Key(MailAddress address) => $"{address.LocalKey}@{address.Domain}";
}
