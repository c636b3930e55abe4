using Npgsql;
using NpgsqlTypes;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Moves;

/// <summary>What is remembered of a message that was brought here.</summary>
public sealed record KnownMessage(long UidValidity, long Uid, byte[] Digest, MessageId Message, MessageFlags Flags, IReadOnlyList<string> Keywords);

/// <summary>A message that is to be brought here, read whole.</summary>
public sealed record IncomingMessage(
    long Uid, byte[] Digest, byte[] Content, MessageBytes Bytes, MessageFlags Flags, IReadOnlyList<string> Keywords, DateTimeOffset? InternalDate);

/// <summary>Which messages of which sources are here: so that a source can be read any number of times.</summary>
public sealed class MovedMessages(NpgsqlDataSource source, MessageStore store)
{
    private static readonly NpgsqlDbType BigintArray = NpgsqlDbType.Array | NpgsqlDbType.Bigint;

    /// <summary>The mailboxes that stand for a source's folders.</summary>
    public async Task<IReadOnlyDictionary<long, MailboxId>> FoldersAsync(AccountId account, long of, CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT id, mailbox_id FROM moved_folder WHERE account_id = $1 AND source = $2");
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(of));
        var found = new Dictionary<long, MailboxId>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found[reader.GetInt64(0)] = new MailboxId(reader.GetInt64(1));
        }

        return found;
    }

    public async Task SetFolderAsync(AccountId account, long of, long folder, string name, MailboxId mailbox, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO moved_folder (account_id, id, source, mailbox_id, name) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account_id, id) DO UPDATE SET mailbox_id = excluded.mailbox_id
            """);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(folder));
        command.Parameters.Add(Bigint(of));
        command.Parameters.Add(Bigint(mailbox.Value));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>All of a folder that are remembered: about 150 bytes of memory each.</summary>
    public async Task<List<KnownMessage>> KnownAsync(AccountId account, long folder, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT uid_validity, uid, digest, message_id, flags, keywords FROM moved_message WHERE account_id = $1 AND folder_id = $2
            ORDER BY uid_validity, uid
            """);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(folder));
        var known = new List<KnownMessage>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            known.Add(new KnownMessage(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2), new MessageId(reader.GetInt64(3)),
                (MessageFlags)reader.GetInt32(4), reader.IsDBNull(5) ? [] : reader.GetFieldValue<string[]>(5)));
        }

        return known;
    }

    /// <summary>Digests of what all folders of a source have brought.</summary>
    public async Task<HashSet<Guid>> DigestsAsync(AccountId account, long of, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT m.digest FROM moved_message m WHERE m.account_id = $1
              AND m.folder_id IN (SELECT id FROM moved_folder WHERE account_id = $1 AND source = $2)
            """);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(of));
        var digests = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            digests.Add(new Guid(reader.GetFieldValue<byte[]>(0)));
        }

        return digests;
    }

    /// <summary>Stores them all and remembers them, and counts them in the move's folder, in one transaction.</summary>
    /// <param name="account">Whose they become.</param>
    /// <param name="tenant">Of the account.</param>
    /// <param name="move">0: an import by hand.</param>
    /// <param name="run">Which of its runs; 0: an import by hand.</param>
    /// <param name="folder">The source's folder.</param>
    /// <param name="uidValidity">Its UIDVALIDITY.</param>
    /// <param name="mailbox">Where they go.</param>
    /// <param name="exceedQuota">Beyond the account's quota too.</param>
    /// <param name="messages">One batch.</param>
    /// <param name="ct">Stops it while nothing is committed.</param>
    public Task<Outcome<IReadOnlyList<StoredMessage>>> StoreAsync(
        AccountId account, TenantId tenant, long move, long run, long folder, long uidValidity, MailboxId mailbox, bool exceedQuota,
        IReadOnlyList<IncomingMessage> messages, CancellationToken ct)
    {
        List<StoreRequest> copies = [.. messages.Select(m => new StoreRequest
        {
            Account = account,
            Tenant = tenant,
            Mailbox = mailbox,
            Message = m.Bytes,
            Flags = m.Flags,
            Keywords = m.Keywords,
            InternalDate = m.InternalDate,
            ExceedQuota = exceedQuota,
        })];
        return store.StoreAllAsync(copies[0], copies, (transaction, stored, c) => RememberAsync(transaction, account, move, run, folder, uidValidity, messages, stored, c), ct);
    }

    private static async Task RememberAsync(
        NpgsqlTransaction transaction, AccountId account, long move, long run, long folder, long uidValidity, IReadOnlyList<IncomingMessage> messages,
        IReadOnlyList<StoredMessage> stored, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction);
        for (var i = 0; i < messages.Count; i++)
        {
            var m = messages[i];
            var insert = new NpgsqlBatchCommand("""
                INSERT INTO moved_message (account_id, folder_id, uid_validity, uid, digest, content, message_id, flags, keywords, run)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """);
            foreach (var value in (ReadOnlySpan<long>)[account.Value, folder, uidValidity, m.Uid])
            {
                insert.Parameters.Add(Bigint(value));
            }

            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = m.Digest });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = m.Content });
            insert.Parameters.Add(Bigint(stored[i].Id.Value));
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)m.Flags });
            insert.Parameters.Add(Words(m.Keywords));
            insert.Parameters.Add(Bigint(run));
            batch.BatchCommands.Add(insert);
        }

        var count = new NpgsqlBatchCommand("""
            UPDATE mailbox_move_folder SET copied = copied + $4, copied_bytes = copied_bytes + $5, present = present + $4
            WHERE account_id = $1 AND move_id = $2 AND folder_id = $3
            """);
        foreach (var value in (ReadOnlySpan<long>)[account.Value, move, folder, messages.Count, stored.Sum(s => (long)s.Size)])
        {
            count.Parameters.Add(Bigint(value));
        }

        batch.BatchCommands.Add(count);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The same message under another UID, because the source's UIDVALIDITY changed.</summary>
    public async Task RenumberAsync(
        AccountId account, long folder, long uidValidity, IReadOnlyList<(KnownMessage Known, long Uid)> messages, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE moved_message m SET uid_validity = $3, uid = x.now FROM unnest($4, $5, $6) AS x (validity, old, now)
            WHERE m.account_id = $1 AND m.folder_id = $2 AND m.uid_validity = x.validity AND m.uid = x.old
            """);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(folder));
        command.Parameters.Add(Bigint(uidValidity));
        command.Parameters.Add(Array(messages.Select(m => m.Known.UidValidity)));
        command.Parameters.Add(Array(messages.Select(m => m.Known.Uid)));
        command.Parameters.Add(Array(messages.Select(m => m.Uid)));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Remembers flags as the source has them now.</summary>
    public async Task SetFlagsAsync(
        AccountId account, long folder, long uidValidity, IReadOnlyList<long> uids, MessageFlags flags, IReadOnlyList<string> keywords, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            UPDATE moved_message SET flags = $5, keywords = $6 WHERE account_id = $1 AND folder_id = $2 AND uid_validity = $3 AND uid = ANY($4)
            """);
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(folder));
        command.Parameters.Add(Bigint(uidValidity));
        command.Parameters.Add(Array(uids));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)flags });
        command.Parameters.Add(Words(keywords));
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task ForgetAsync(AccountId account, long folder, long uidValidity, IEnumerable<long> uids, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "DELETE FROM moved_message WHERE account_id = $1 AND folder_id = $2 AND uid_validity = $3 AND uid = ANY($4)");
        command.Parameters.Add(Bigint(account.Value));
        command.Parameters.Add(Bigint(folder));
        command.Parameters.Add(Bigint(uidValidity));
        command.Parameters.Add(Array(uids));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What a run brought into a folder, a page at a time, with where its octets are; no content where it is not here any more.</summary>
    public async Task<List<(long Uid, byte[] Digest, byte[] Content, ContentId? Stored)>> BroughtAsync(
        AccountId account, long run, long folder, long uidValidity, long after, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            SELECT k.uid, k.digest, k.content, m.content_id FROM moved_message k
            LEFT JOIN message m ON m.account_id = k.account_id AND m.id = k.message_id
            WHERE k.account_id = $1 AND k.folder_id = $2 AND k.uid_validity = $3 AND k.uid > $4 AND k.run = $5 AND k.content IS NOT NULL
            ORDER BY k.uid LIMIT $6
            """);
        foreach (var value in (ReadOnlySpan<long>)[account.Value, folder, uidValidity, after, run, limit])
        {
            command.Parameters.Add(Bigint(value));
        }

        var page = new List<(long, byte[], byte[], ContentId?)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            page.Add((
                reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : new ContentId(reader.GetInt64(3))));
        }

        return page;
    }

    private static NpgsqlParameter<long> Bigint(long value) => new() { TypedValue = value };

    private static NpgsqlParameter Array(IEnumerable<long> values) => new() { Value = values.ToArray(), NpgsqlDbType = BigintArray };

    private static NpgsqlParameter Words(IReadOnlyList<string> words) =>
        new() { Value = words.Count == 0 ? DBNull.Value : words.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
