using System.Data;
using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Mailboxes;

/// <summary>
/// Mailboxes of an account: names, special uses, subscriptions. Each change locks the account's state row, takes a modseq, commits, and
/// then tells the change feed.
/// </summary>
public sealed class MailboxService(MailDatabase database, MessageStore messages, IChangeFeed feed)
{
    public const int MaxMailboxes = 1500;
    public const int MaxDepth = 20;
    public const int MaxNameLength = 255;

    private const string Columns =
        "account_id, id, name, special_use, subscribed, sort_order, uid_validity, uid_next, highest_mod_seq, created_mod_seq, changed_mod_seq, "
        + "total, unseen, deleted_count, size_bytes";

    /// <summary>All mailboxes by name, INBOX first.</summary>
    public async Task<IReadOnlyList<Mailbox>> ListAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        return await ListAsync(connection, account, ct);
    }

    /// <summary>What the account holds and may hold; null where there is none.</summary>
    public async Task<(long UsedBytes, long QuotaBytes, int Messages, int MaxMessages)?> UsageAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand(
            "SELECT used_bytes, quota_bytes, message_count FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), MessageStore.MaxMessages)
            : null;
    }

    /// <summary>By full name; INBOX in any case (RFC 9051 §5.1).</summary>
    public async Task<Mailbox?> FindAsync(AccountId account, string name, CancellationToken ct) =>
        MailboxName.Normalize(name) is { Ok: true, Value: { } normal }
            ? await OneAsync(account, "name = $2", new NpgsqlParameter<string> { TypedValue = normal }, ct)
            : null;

    public Task<Mailbox?> GetAsync(AccountId account, MailboxId id, CancellationToken ct) =>
        OneAsync(account, "id = $2", Bigint(id.Value), ct);

    public Task<Mailbox?> FindAsync(AccountId account, SpecialUse use, CancellationToken ct) =>
        OneAsync(account, "special_use = $2", new NpgsqlParameter<short> { TypedValue = (short)use }, ct);

    /// <summary>Makes it and missing parents. Refusals: AlreadyExists, Invalid (name, or use already taken), LimitReached.</summary>
    public async Task<Outcome<Mailbox>> CreateAsync(AccountId account, string name, SpecialUse use, bool subscribe, CancellationToken ct)
    {
        var normal = MailboxName.Normalize(name);
        if (!normal.Ok)
        {
            return normal.Refusal;
        }

        return await ChangeAsync<Mailbox>(account, async change =>
        {
            if (change.Find(normal.Value) is not null)
            {
                return new Refusal(RefusalReason.AlreadyExists, "A mailbox with this name exists.", "name");
            }

            if (use != SpecialUse.None && change.All.Any(m => m.SpecialUse == use))
            {
                return Refusal.Invalid("use", "Another mailbox has this special use.");
            }

            foreach (var parent in MailboxName.Parents(normal.Value))
            {
                if (change.Find(parent) is null && await change.InsertAsync(parent, SpecialUse.None, subscribe, ct) is { } full)
                {
                    return full;
                }
            }

            return await change.InsertAsync(normal.Value, use, subscribe, ct) is { } refusal ? refusal : change.Find(normal.Value)!;
        }, ct);
    }

    /// <summary>
    /// Renames it and all below it; missing parents are made. Renaming INBOX moves its messages into the new mailbox (RFC 9051 §6.3.6).
    /// Refusals: NotFound, AlreadyExists, Invalid, LimitReached.
    /// </summary>
    public async Task<Outcome<Mailbox>> RenameAsync(AccountId account, MailboxId id, string newName, CancellationToken ct)
    {
        var normal = MailboxName.Normalize(newName);
        if (!normal.Ok)
        {
            return normal.Refusal;
        }

        if (await GetAsync(account, id, ct) is { Name: MailboxName.Inbox })
        {
            var made = await CreateAsync(account, normal.Value, SpecialUse.None, subscribe: true, ct);
            if (!made.Ok)
            {
                return made;
            }

            var moved = await messages.MoveAsync(account, new MessageSelection.ByUid(id, []), made.Value.Id, ct);
            return moved.Ok ? await GetAsync(account, made.Value.Id, ct) ?? made.Value : moved.Refusal;
        }

        return await ChangeAsync<Mailbox>(account, async change =>
        {
            if (change.All.FirstOrDefault(m => m.Id == id) is not { } box)
            {
                return Refusal.NotFound("mailbox");
            }

            if (box.Name == normal.Value)
            {
                return box;
            }

            if (change.Find(normal.Value) is not null)
            {
                return new Refusal(RefusalReason.AlreadyExists, "A mailbox with this name exists.", "name");
            }

            if (normal.Value.StartsWith(box.Name + "/", StringComparison.Ordinal))
            {
                return Refusal.Invalid("name", "A mailbox cannot be moved below itself.");
            }

            var below = change.All.Where(m => m.Name.StartsWith(box.Name + "/", StringComparison.Ordinal)).ToList();
            if (below.Any(m => MailboxName.Normalize(normal.Value + m.Name[box.Name.Length..]).Refusal is not null))
            {
                return Refusal.Invalid("name", "A mailbox below it would get too long a name.");
            }

            foreach (var parent in MailboxName.Parents(normal.Value))
            {
                if (change.Find(parent) is null && await change.InsertAsync(parent, SpecialUse.None, subscribed: true, ct) is { } full)
                {
                    return full;
                }
            }

            var modSeq = await change.NextModSeqAsync(ct);
            await change.ExecuteAsync("""
                UPDATE mailbox SET name = $3 || substr(name, length($2) + 1), changed_mod_seq = $4
                WHERE account_id = $1 AND (name = $2 OR starts_with(name, $2 || '/'))
                """, ct, Text(box.Name), Text(normal.Value), Bigint(modSeq));
            await change.ReloadAsync(ct);
            return change.Find(normal.Value)!;
        }, ct);
    }

    /// <summary>Deletes it with its messages. Refusals: NotFound, HasChildren, Forbidden (INBOX), Conflict (not empty and <paramref name="onlyIfEmpty"/>).</summary>
    public async Task<Refusal?> DeleteAsync(AccountId account, MailboxId id, bool onlyIfEmpty, CancellationToken ct)
    {
        var outcome = await ChangeAsync<bool>(account, async change =>
        {
            if (change.All.FirstOrDefault(m => m.Id == id) is not { } box)
            {
                return Refusal.NotFound("mailbox");
            }

            if (box.SpecialUse == SpecialUse.Inbox)
            {
                return new Refusal(RefusalReason.Forbidden, "The inbox cannot be deleted.");
            }

            if (change.All.Any(m => m.Name.StartsWith(box.Name + "/", StringComparison.Ordinal)))
            {
                return new Refusal(RefusalReason.HasChildren, "The mailbox has mailboxes below it.");
            }

            if (onlyIfEmpty && box.Total > 0)
            {
                return new Refusal(RefusalReason.Conflict, "The mailbox is not empty.");
            }

            var modSeq = await change.NextModSeqAsync(ct);
            await change.ExecuteAsync("""
                WITH gone AS (
                  DELETE FROM message WHERE account_id = $1 AND mailbox_id = $2 RETURNING id, uid, content_id, thread_id, size
                ), tombstones AS (
                  INSERT INTO message_tombstone (account_id, mailbox_id, uid, mod_seq, message_id, content_id, thread_id, moved, at)
                  SELECT $1, $2, uid, $3, id, content_id, thread_id, false, now() FROM gone
                ), notes AS (
                  DELETE FROM annotation WHERE account_id = $1 AND mailbox_id = $2
                ), grants AS (
                  DELETE FROM mailbox_grant WHERE account_id = $1 AND mailbox_id = $2
                ), readers AS (
                  DELETE FROM reader_state WHERE account_id = $1 AND mailbox_id = $2
                ), box AS (
                  DELETE FROM mailbox WHERE account_id = $1 AND id = $2
                ), stone AS (
                  INSERT INTO mailbox_tombstone (account_id, mailbox_id, mod_seq) VALUES ($1, $2, $3)
                )
                UPDATE account_state SET used_bytes = used_bytes - (SELECT coalesce(sum(size), 0) FROM gone),
                  message_count = message_count - (SELECT count(*) FROM gone) WHERE account_id = $1
                """, ct, Bigint(id.Value), Bigint(modSeq));
            return true;
        }, ct);
        return outcome.Refusal;
    }

    /// <summary>Changes what is not null. Refusals: NotFound, Invalid (special use already taken, or the inbox's).</summary>
    public async Task<Outcome<Mailbox>> UpdateAsync(
        AccountId account, MailboxId id, bool? subscribed, SpecialUse? use, int? sortOrder, CancellationToken ct) =>
        await ChangeAsync<Mailbox>(account, async change =>
        {
            if (change.All.FirstOrDefault(m => m.Id == id) is not { } box)
            {
                return Refusal.NotFound("mailbox");
            }

            if (use is { } wanted && wanted != box.SpecialUse)
            {
                if (box.SpecialUse == SpecialUse.Inbox || wanted == SpecialUse.Inbox)
                {
                    return Refusal.Invalid("use", "The inbox stays the inbox.");
                }

                if (wanted != SpecialUse.None && change.All.Any(m => m.SpecialUse == wanted))
                {
                    return Refusal.Invalid("use", "Another mailbox has this special use.");
                }
            }

            if ((subscribed ?? box.Subscribed) == box.Subscribed && (use ?? box.SpecialUse) == box.SpecialUse
                && (sortOrder ?? box.SortOrder) == box.SortOrder)
            {
                return box;
            }

            var modSeq = await change.NextModSeqAsync(ct);
            await change.ExecuteAsync("""
                UPDATE mailbox SET subscribed = $3, special_use = $4, sort_order = $5, changed_mod_seq = $6 WHERE account_id = $1 AND id = $2
                """, ct, Bigint(id.Value), new NpgsqlParameter<bool> { TypedValue = subscribed ?? box.Subscribed },
                new NpgsqlParameter<short> { TypedValue = (short)(use ?? box.SpecialUse) },
                new NpgsqlParameter<int> { TypedValue = sortOrder ?? box.SortOrder }, Bigint(modSeq));
            await change.ReloadAsync(ct);
            return change.All.First(m => m.Id == id);
        }, ct);

    /// <summary>What happened to the mailboxes themselves since a modseq (JMAP Mailbox/changes); counters count as changes too.</summary>
    public async Task<(IReadOnlyList<Mailbox> Changed, IReadOnlyList<MailboxId> Destroyed, ModSeq Through)> ChangesAsync(
        AccountId account, ModSeq since, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var all = await ListAsync(connection, account, ct);
        await using var command = new NpgsqlCommand("""
            SELECT mailbox_id, 0 FROM mailbox_tombstone WHERE account_id = $1 AND mod_seq > $2
            UNION ALL SELECT mod_seq, 1 FROM account_state WHERE account_id = $1
            """, connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(since.Value));
        var destroyed = new List<MailboxId>();
        var through = since;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetInt32(1) == 1)
            {
                through = new ModSeq(reader.GetInt64(0));
            }
            else
            {
                destroyed.Add(new MailboxId(reader.GetInt64(0)));
            }
        }

        return ([.. all.Where(m => Math.Max(m.ChangedModSeq, m.HighestModSeq) > since.Value)], destroyed, through);
    }

    private async Task<Mailbox?> OneAsync(AccountId account, string where, NpgsqlParameter parameter, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM mailbox WHERE account_id = $1 AND {where} LIMIT 1", connection);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    private static async Task<List<Mailbox>> ListAsync(NpgsqlConnection connection, AccountId account, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM mailbox WHERE account_id = $1", connection);
        command.Parameters.Add(Bigint(account.Value));
        var list = new List<Mailbox>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            list.Add(Read(reader));
        }

        list.Sort(static (a, b) => (a.SpecialUse != SpecialUse.Inbox, a.Name).CompareTo((b.SpecialUse != SpecialUse.Inbox, b.Name)));
        return list;
    }

    private static Mailbox Read(NpgsqlDataReader r) => new()
    {
        AccountId = new AccountId(r.GetInt64(0)),
        Id = new MailboxId(r.GetInt64(1)),
        Name = r.GetString(2),
        SpecialUse = (SpecialUse)r.GetInt16(3),
        Subscribed = r.GetBoolean(4),
        SortOrder = r.GetInt32(5),
        UidValidity = r.GetInt64(6),
        UidNext = r.GetInt64(7),
        HighestModSeq = r.GetInt64(8),
        CreatedModSeq = r.GetInt64(9),
        ChangedModSeq = r.GetInt64(10),
        Total = r.GetInt32(11),
        Unseen = r.GetInt32(12),
        DeletedCount = r.GetInt32(13),
        SizeBytes = r.GetInt64(14),
    };

    private async Task<Outcome<T>> ChangeAsync<T>(AccountId account, Func<Change, Task<Outcome<T>>> body, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var change = new Change(connection, account);
        if (!await change.LockAsync(ct))
        {
            return Refusal.NotFound("account");
        }

        await change.ReloadAsync(ct);
        var outcome = await body(change);
        if (!outcome.Ok)
        {
            return outcome;
        }

        await transaction.CommitAsync(ct);
        if (change.ModSeq > 0)
        {
            feed.Publish(account, new ModSeq(change.ModSeq));
        }

        if (change.Shared)
        {
            feed.Wake(Sharing.ShareDirectory.Topic);
        }

        return outcome;
    }

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    /// <summary>One change in its transaction, with the account's mailboxes as they are behind the lock.</summary>
    private sealed class Change(NpgsqlConnection connection, AccountId account)
    {
        public List<Mailbox> All { get; private set; } = [];
        public long ModSeq { get; private set; }

        /// <summary>A new mailbox took over whom its parent is shared to.</summary>
        public bool Shared { get; private set; }

        public Mailbox? Find(string name) => All.FirstOrDefault(m => m.Name == name);

        public async Task<bool> LockAsync(CancellationToken ct)
        {
            await using var command = new NpgsqlCommand("SELECT 1 FROM account_state WHERE account_id = $1 FOR UPDATE", connection);
            command.Parameters.Add(Bigint(account.Value));
            return await command.ExecuteScalarAsync(ct) is not null;
        }

        public async Task ReloadAsync(CancellationToken ct) => All = await ListAsync(connection, account, ct);

        public async Task<long> NextModSeqAsync(CancellationToken ct)
        {
            await using var command = new NpgsqlCommand(
                "UPDATE account_state SET mod_seq = mod_seq + 1 WHERE account_id = $1 RETURNING mod_seq", connection);
            command.Parameters.Add(Bigint(account.Value));
            return ModSeq = (long)(await command.ExecuteScalarAsync(ct))!;
        }

        public async Task<int> ExecuteAsync(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(Bigint(account.Value));
            command.Parameters.AddRange(parameters);
            return await command.ExecuteNonQueryAsync(ct);
        }

        public async Task<Refusal?> InsertAsync(string name, SpecialUse use, bool subscribed, CancellationToken ct)
        {
            if (All.Count >= MaxMailboxes)
            {
                return new Refusal(RefusalReason.LimitReached, $"An account has at most {MaxMailboxes} mailboxes.");
            }

            var modSeq = await NextModSeqAsync(ct);

            // The modseq as UIDVALIDITY: a mailbox made again under its old name gets another one, however soon (RFC 9051 §2.3.1.1).
            await ExecuteAsync("""
                INSERT INTO mailbox (account_id, id, name, special_use, subscribed, sort_order, uid_validity, uid_next, highest_mod_seq,
                  created_mod_seq, changed_mod_seq, total, unseen, deleted_count, size_bytes)
                VALUES ($1, $2, $3, $4, $5, 0, 1 + $2 % 4294967294, 1, $2, $2, $2, 0, 0, 0, 0)
                """, ct, Bigint(modSeq), Text(name), new NpgsqlParameter<short> { TypedValue = (short)use },
                new NpgsqlParameter<bool> { TypedValue = subscribed });
            if (MailboxName.Parents(name).LastOrDefault() is { } above && Find(above) is { } parent)
            {
                // RFC 4314 §4: who may use the parent may use what is made below it.
                Shared |= await ExecuteAsync("""
                    INSERT INTO mailbox_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights)
                    SELECT account_id, $2, grantee_kind, grantee_id, rights FROM mailbox_grant WHERE account_id = $1 AND mailbox_id = $3
                    """, ct, Bigint(modSeq), Bigint(parent.Id.Value)) > 0;
            }

            await ReloadAsync(ct);
            return null;
        }
    }
}
