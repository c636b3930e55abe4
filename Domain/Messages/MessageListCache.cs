using System.Diagnostics.Metrics;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>
/// The node's <see cref="MessageList"/>s, least recently used out first. A list is brought up to date by what changed since its modseq
/// before anybody asks it, so it is never stale and needs no invalidation.
/// </summary>
public sealed class MessageListCache
{
    /// <summary>Mailboxes with more messages are read from the database each time.</summary>
    public const int MostMessages = 1_000_000;

    /// <summary>Memory for all lists of the process.</summary>
    public long MaxBytes { get; init; } = 96 * 1024 * 1024;

    private static readonly Meter Meter = new("SaaS.Domain");

    // message_list.questions, by outcome: "kept" was at hand, "read" cost a walk through the mailbox's index.
    private static readonly Counter<long> Questions = Meter.CreateCounter<long>("message_list.questions", "{question}", "Questions to lists of messages");

    private readonly Lock _lock = new();
    private readonly Dictionary<(AccountId, MailboxId), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    private sealed class Entry((AccountId, MailboxId) key)
    {
        public (AccountId Account, MailboxId Mailbox) Key { get; } = key;
        public SemaphoreSlim Gate { get; } = new(1, 1);
        public MessageList? List { get; set; }
        public long Bytes { get; set; }
    }

    /// <summary>True where a question costs no walk through the mailbox.</summary>
    public bool Holds(AccountId account, MailboxId mailbox)
    {
        lock (_lock)
        {
            return _entries.TryGetValue((account, mailbox), out var node) && node.Value.List is not null;
        }
    }

    internal Task<T> AskAsync<T>(
        NpgsqlConnection connection, AccountId account, MailboxId mailbox, Func<MessageList, T> question, CancellationToken ct) =>
        AskAsync(connection, account, mailbox, list => Task.FromResult(question(list)), ct);

    /// <summary>Asks the list of a mailbox as it is now; one that is not there is empty. It does not change while the question runs.</summary>
    internal async Task<T> AskAsync<T>(
        NpgsqlConnection connection, AccountId account, MailboxId mailbox, Func<MessageList, Task<T>> question, CancellationToken ct)
    {
        var entry = Use((account, mailbox));
        await entry.Gate.WaitAsync(ct);
        try
        {
            var kept = entry.List is not null && await RefreshAsync(connection, account, mailbox, entry, ct);
            entry.List = kept ? entry.List : await ReadAsync(connection, account, mailbox, ct);
            Questions.Add(1, new KeyValuePair<string, object?>("outcome", kept ? "kept" : "read"));

            Weigh(entry, entry.List!.Bytes);
            return await question(entry.List!);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Brings the list up to date; false where it has to be read again.</summary>
    private static async Task<bool> RefreshAsync(
        NpgsqlConnection connection, AccountId account, MailboxId mailbox, Entry entry, CancellationToken ct)
    {
        var list = entry.List!;
        long now, from, highest;
        await using (var command = new NpgsqlCommand("""
            SELECT s.mod_seq, s.tombstones_from, b.highest_mod_seq FROM account_state s
            JOIN mailbox b ON b.account_id = s.account_id AND b.id = $2 WHERE s.account_id = $1
            """, connection))
        {
            AddKey(command.Parameters, account, mailbox);
            await using var reader = await command.ExecuteReaderAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                return false;
            }

            (now, from, highest) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        }

        if (highest <= list.Through)
        {
            list.Through = Math.Max(list.Through, now);
            return true;
        }

        if (list.Through < from)
        {
            return false;
        }

        // One snapshot for what left, what came and what its threads are. A list that was half changed is thrown away.
        entry.List = null;
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        var through = list.Through;
        var touched = new HashSet<long>();
        await using (var batch = new NpgsqlBatch(connection, snapshot))
        {
            foreach (var sql in (string[])
            [
                "SELECT mod_seq FROM account_state WHERE account_id = $1 AND $2 > 0 AND $3 >= 0",
                "SELECT message_id FROM message_tombstone WHERE account_id = $1 AND mailbox_id = $2 AND mod_seq > $3",
                "SELECT id, thread_id, internal_date, flags FROM message WHERE account_id = $1 AND mailbox_id = $2 AND mod_seq > $3",
            ])
            {
                var command = new NpgsqlBatchCommand(sql);
                AddKey(command.Parameters, account, mailbox);
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = through });
                batch.BatchCommands.Add(command);
            }

            await using var reader = await batch.ExecuteReaderAsync(ct);
            list.Through = await reader.ReadAsync(ct) ? reader.GetInt64(0) : through;
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                if (list.Remove(reader.GetInt64(0)) is { } thread)
                {
                    touched.Add(thread);
                }
            }

            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                var message = Read(reader);
                if ((message.Flags & (int)MessageFlags.Deleted) != 0 ? list.Remove(message.Id) is not null : list.Put(message))
                {
                    touched.Add(message.Thread);
                }
            }
        }

        if (touched.Count > 0)
        {
            await SetHeadsAsync(connection, account, mailbox, list, touched, ct);
        }

        await snapshot.CommitAsync(ct);
        entry.List = list;
        return true;
    }

    private static async Task SetHeadsAsync(
        NpgsqlConnection connection, AccountId account, MailboxId mailbox, MessageList list, HashSet<long> threads, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT thread_id, internal_date, id FROM message
            WHERE account_id = $1 AND mailbox_id = $2 AND thread_id = ANY($3) AND flags & 8 = 0 ORDER BY thread_id
            """, connection);
        AddKey(command.Parameters, account, mailbox);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. threads] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var members = new List<(long Date, long Id)>();
        var current = 0L;
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetInt64(0) is var thread && thread != current)
            {
                list.SetHeads(members);
                members.Clear();
                current = thread;
            }

            members.Add((reader.GetFieldValue<DateTime>(1).Ticks, reader.GetInt64(2)));
        }

        list.SetHeads(members);
    }

    /// <summary>Packed into arrays by the server: a tenth of the cost of as many rows. From the index of the list alone.</summary>
    private static async Task<MessageList> ReadAsync(NpgsqlConnection connection, AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT (SELECT mod_seq FROM account_state WHERE account_id = $1),
              array_agg(id), array_agg(thread_id), array_agg(internal_date), array_agg(flags)
            FROM (SELECT id, thread_id, internal_date, flags FROM message
                  WHERE account_id = $1 AND mailbox_id = $2 AND flags & 8 = 0 ORDER BY internal_date, id) AS m
            """, connection);
        AddKey(command.Parameters, account, mailbox);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var through = reader.IsDBNull(0) ? 0 : reader.GetInt64(0);
        if (reader.IsDBNull(1))
        {
            return MessageList.Build(through, 0, _ => default);
        }

        var ids = reader.GetFieldValue<long[]>(1);
        var threads = reader.GetFieldValue<long[]>(2);
        var dates = reader.GetFieldValue<DateTime[]>(3);
        var flags = reader.GetFieldValue<int[]>(4);
        return MessageList.Build(through, ids.Length, i => new MessageList.Entry(ids[i], threads[i], dates[i].Ticks, flags[i]));
    }

    private static MessageList.Entry Read(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTime>(2).Ticks, reader.GetInt32(3));

    private static void AddKey(NpgsqlParameterCollection parameters, AccountId account, MailboxId mailbox)
    {
        parameters.Add(new NpgsqlParameter<long> { TypedValue = account.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = mailbox.Value });
    }

    private Entry Use((AccountId, MailboxId) key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value;
            }

            node = _byUse.AddFirst(new Entry(key));
            _entries[key] = node;
            return node.Value;
        }
    }

    private void Weigh(Entry entry, long bytes)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(entry.Key, out var node) || !ReferenceEquals(node.Value, entry))
            {
                return;
            }

            _bytes += bytes - entry.Bytes;
            entry.Bytes = bytes;
            while (_bytes > MaxBytes && _byUse.Last is { } last)
            {
                _byUse.RemoveLast();
                _entries.Remove(last.Value.Key);
                _bytes -= last.Value.Bytes;
            }
        }
    }
}
