using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>
/// The node's <see cref="MailboxIndex"/>es, shared by all sessions, least recently used out first. An entry is brought up to date by what
/// changed since its modseq before anybody sees it, so it is never stale and needs no invalidation.
/// </summary>
public sealed class MailboxIndexCache(MailboxReader reader)
{
    /// <summary>Memory for all indexes of the process.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(AccountId, MailboxId), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    private sealed class Entry((AccountId, MailboxId) key)
    {
        public (AccountId Account, MailboxId Mailbox) Key { get; } = key;
        public SemaphoreSlim Gate { get; } = new(1, 1);
        public MailboxIndex? Index { get; set; }
        public long Bytes { get; set; }
    }

    public async Task<MailboxIndex> GetAsync(AccountId account, MailboxId mailbox, CancellationToken ct)
    {
        var entry = Use((account, mailbox));
        await entry.Gate.WaitAsync(ct);
        try
        {
            var index = entry.Index is { } known ? await reader.ReadIndexChangesAsync(account, mailbox, known, ct) : null;
            index ??= await reader.ReadIndexAsync(account, mailbox, ct);
            if (!ReferenceEquals(index, entry.Index))
            {
                entry.Index = index;
                Weigh(entry, 200 + ((long)index.Blocks.Count * MailboxIndex.BlockSize * MailboxIndex.BytesPerMessage));
            }

            return index;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>What is held, as old as it may be; for who finds out by other means whether it is current.</summary>
    public MailboxIndex? Held(AccountId account, MailboxId mailbox)
    {
        lock (_lock)
        {
            return _entries.TryGetValue((account, mailbox), out var node) ? node.Value.Index : null;
        }
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
