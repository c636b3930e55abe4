namespace SaaS.Domain.Messages;

/// <summary>
/// One mailbox in the order of its list: every visible message by date and id, with its thread and its flags. It answers a page anywhere,
/// the total of conversations and the place of a message without reading the mailbox, and takes a change at the cost of that change.
/// Not safe for concurrent use: <see cref="MessageListCache"/> guards it.
/// </summary>
internal sealed class MessageList
{
    /// <summary>Messages of one block.</summary>
    public const int BlockSize = 1024;

    /// <summary>Memory that a place in a block costs.</summary>
    public const int BytesPerMessage = 26;

    /// <summary>Set on the newest message of each thread; above all flags.</summary>
    private const ushort Head = 1 << 15;

    private readonly List<Block> _blocks = [];

    /// <summary>All changes up to here are in it.</summary>
    public long Through { get; set; }

    public int Count { get; private set; }

    /// <summary>Conversations.</summary>
    public int Threads { get; private set; }

    public long Bytes => 200 + ((long)_blocks.Count * BlockSize * BytesPerMessage);

    /// <summary>A message as the list keeps it.</summary>
    /// <param name="Id">Message id.</param>
    /// <param name="Thread">Thread id.</param>
    /// <param name="Date">Internal date, ticks.</param>
    /// <param name="Flags">As <see cref="MessageFlags"/>.</param>
    public readonly record struct Entry(long Id, long Thread, long Date, int Flags);

    /// <summary>Which messages, and in which order.</summary>
    /// <param name="Mask">Flags that matter; 0: every message.</param>
    /// <param name="Wanted">What they have to be.</param>
    /// <param name="Ascending">Oldest first.</param>
    /// <param name="Collapse">The first message of each thread alone.</param>
    public readonly record struct View(int Mask, int Wanted, bool Ascending, bool Collapse);

    private sealed class Block
    {
        public int Count;
        public int Heads;
        public long MinId = long.MaxValue;
        public long MaxId = long.MinValue;
        public readonly long[] Ids = new long[BlockSize];
        public readonly long[] Threads = new long[BlockSize];
        public readonly long[] Dates = new long[BlockSize];
        public readonly ushort[] Flags = new ushort[BlockSize];

        public void Open(int at)
        {
            Array.Copy(Ids, at, Ids, at + 1, Count - at);
            Array.Copy(Threads, at, Threads, at + 1, Count - at);
            Array.Copy(Dates, at, Dates, at + 1, Count - at);
            Array.Copy(Flags, at, Flags, at + 1, Count - at);
            Count++;
        }

        public void Close(int at)
        {
            Count--;
            Array.Copy(Ids, at + 1, Ids, at, Count - at);
            Array.Copy(Threads, at + 1, Threads, at, Count - at);
            Array.Copy(Dates, at + 1, Dates, at, Count - at);
            Array.Copy(Flags, at + 1, Flags, at, Count - at);
        }

        public void Span(long id)
        {
            MinId = Math.Min(MinId, id);
            MaxId = Math.Max(MaxId, id);
        }
    }

    /// <summary>From all messages of a mailbox, ascending by date and id.</summary>
    public static MessageList Build(long through, int count, Func<int, Entry> at)
    {
        var list = new MessageList { Through = through };
        for (var i = 0; i < count; i++)
        {
            list.Append(at(i));
        }

        var seen = new HashSet<long>(count);
        for (var b = list._blocks.Count - 1; b >= 0; b--)
        {
            var block = list._blocks[b];
            for (var i = block.Count - 1; i >= 0; i--)
            {
                if (seen.Add(block.Threads[i]))
                {
                    list.SetHead(block, i, true);
                }
            }
        }

        return list;
    }

    /// <summary>Takes a message in, or its new flags. True where the heads of its thread have to be set anew.</summary>
    public bool Put(Entry entry)
    {
        var (b, i, found) = Find(entry.Date, entry.Id);
        if (found)
        {
            var block = _blocks[b];
            block.Flags[i] = (ushort)((block.Flags[i] & Head) | entry.Flags);
            return false;
        }

        if (b == _blocks.Count)
        {
            Append(entry);
            return true;
        }

        if (_blocks[b].Count == BlockSize)
        {
            Split(b);
            (b, i, _) = Find(entry.Date, entry.Id);
        }

        var target = _blocks[b];
        target.Open(i);
        Write(target, i, entry);
        Count++;
        return true;
    }

    /// <summary>Takes a message out; its thread, or null where it is not here.</summary>
    public long? Remove(long id)
    {
        for (var b = _blocks.Count - 1; b >= 0; b--)
        {
            var block = _blocks[b];
            if (id < block.MinId || id > block.MaxId || Array.IndexOf(block.Ids, id, 0, block.Count) is not (>= 0 and var i))
            {
                continue;
            }

            var thread = block.Threads[i];
            SetHead(block, i, false);
            block.Close(i);
            Count--;
            if (block.Count == 0)
            {
                _blocks.RemoveAt(b);
            }

            return thread;
        }

        return null;
    }

    /// <summary>Sets the heads anew of a thread whose messages here are these.</summary>
    public void SetHeads(IReadOnlyList<(long Date, long Id)> members)
    {
        var newest = -1;
        for (var m = 0; m < members.Count; m++)
        {
            if (Find(members[m].Date, members[m].Id) is (var b, var i, true))
            {
                SetHead(_blocks[b], i, false);
                newest = newest < 0 || members[m].CompareTo(members[newest]) > 0 ? m : newest;
            }
        }

        if (newest >= 0 && Find(members[newest].Date, members[newest].Id) is (var block, var at, true))
        {
            SetHead(_blocks[block], at, true);
        }
    }

    public int Total(View view) => view switch
    {
        { Mask: 0, Collapse: false } => Count,
        { Mask: 0, Collapse: true } => Threads,
        _ => Walk(view).Count(),
    };

    /// <summary>Ids from a position on.</summary>
    public List<long> Page(View view, int position, int limit)
    {
        if (view.Mask != 0 || (view.Collapse && view.Ascending))
        {
            return [.. Walk(view).Skip(position).Take(limit).Select(e => e.Id)];
        }

        var ids = new List<long>(Math.Min(limit, 1000));
        var skip = position;
        for (var n = 0; n < _blocks.Count && ids.Count < limit; n++)
        {
            var block = _blocks[view.Ascending ? n : _blocks.Count - 1 - n];
            var size = view.Collapse ? block.Heads : block.Count;
            if (skip >= size)
            {
                skip -= size;
                continue;
            }

            for (var k = 0; k < block.Count && ids.Count < limit; k++)
            {
                var i = view.Ascending ? k : block.Count - 1 - k;
                if ((!view.Collapse || (block.Flags[i] & Head) != 0) && skip-- <= 0)
                {
                    ids.Add(block.Ids[i]);
                }
            }

            skip = Math.Max(skip, 0);
        }

        return ids;
    }

    /// <summary>Where a message stands in a view; null where it is not in it.</summary>
    public int? Place(View view, long id)
    {
        if (view.Mask != 0 || (view.Collapse && view.Ascending))
        {
            var n = 0;
            foreach (var entry in Walk(view))
            {
                if (entry.Id == id)
                {
                    return n;
                }

                n++;
            }

            return null;
        }

        var before = 0;
        for (var n = 0; n < _blocks.Count; n++)
        {
            var block = _blocks[view.Ascending ? n : _blocks.Count - 1 - n];
            if (id >= block.MinId && id <= block.MaxId && Array.IndexOf(block.Ids, id, 0, block.Count) is >= 0 and var at)
            {
                if (view.Collapse && (block.Flags[at] & Head) == 0)
                {
                    return null;
                }

                var (from, to) = view.Ascending ? (0, at) : (at + 1, block.Count);
                for (var i = from; i < to; i++)
                {
                    before += !view.Collapse || (block.Flags[i] & Head) != 0 ? 1 : 0;
                }

                return before;
            }

            before += view.Collapse ? block.Heads : block.Count;
        }

        return null;
    }

    /// <summary>Where these messages stand in a view, in its order; without those that are not in it.</summary>
    public List<(long Id, int Index)> Places(View view, IReadOnlySet<long> ids)
    {
        if (ids.Count <= 32 && view.Mask == 0 && !(view.Collapse && view.Ascending))
        {
            return [.. ids.Select(id => (Id: id, Index: Place(view, id) ?? -1)).Where(p => p.Index >= 0).OrderBy(p => p.Index)];
        }

        return [.. Walk(view).Select((e, i) => (e.Id, Index: i)).Where(p => ids.Contains(p.Id))];
    }

    private IEnumerable<Entry> Walk(View view)
    {
        var seen = view.Collapse ? new HashSet<long>() : null;
        for (var n = 0; n < _blocks.Count; n++)
        {
            var block = _blocks[view.Ascending ? n : _blocks.Count - 1 - n];
            for (var k = 0; k < block.Count; k++)
            {
                var i = view.Ascending ? k : block.Count - 1 - k;
                if ((block.Flags[i] & view.Mask) == view.Wanted && (seen is null || seen.Add(block.Threads[i])))
                {
                    yield return new Entry(block.Ids[i], block.Threads[i], block.Dates[i], block.Flags[i] & ~Head);
                }
            }
        }
    }

    /// <summary>The place of a message, or the one where it belongs.</summary>
    private (int Block, int At, bool Found) Find(long date, long id)
    {
        int low = 0, high = _blocks.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var block = _blocks[middle];
            if (Compare(block, block.Count - 1, date, id) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == _blocks.Count)
        {
            return (low, 0, false);
        }

        var found = _blocks[low];
        int first = 0, last = found.Count;
        while (first < last)
        {
            var middle = (first + last) / 2;
            if (Compare(found, middle, date, id) < 0)
            {
                first = middle + 1;
            }
            else
            {
                last = middle;
            }
        }

        return (low, first, Compare(found, first, date, id) == 0);
    }

    private static int Compare(Block block, int at, long date, long id) =>
        block.Dates[at] != date ? block.Dates[at].CompareTo(date) : block.Ids[at].CompareTo(id);

    private void Append(Entry entry)
    {
        if (_blocks.Count == 0 || _blocks[^1].Count == BlockSize)
        {
            _blocks.Add(new Block());
        }

        var block = _blocks[^1];
        block.Count++;
        Write(block, block.Count - 1, entry);
        Count++;
    }

    private static void Write(Block block, int at, Entry entry)
    {
        block.Ids[at] = entry.Id;
        block.Threads[at] = entry.Thread;
        block.Dates[at] = entry.Date;
        block.Flags[at] = (ushort)entry.Flags;
        block.Span(entry.Id);
    }

    private void Split(int b)
    {
        var (old, left, right) = (_blocks[b], new Block(), new Block());
        for (var i = 0; i < old.Count; i++)
        {
            var to = i < BlockSize / 2 ? left : right;
            to.Count++;
            Write(to, to.Count - 1, new Entry(old.Ids[i], old.Threads[i], old.Dates[i], old.Flags[i]));
            to.Heads += (old.Flags[i] & Head) != 0 ? 1 : 0;
        }

        _blocks[b] = left;
        _blocks.Insert(b + 1, right);
    }

    private void SetHead(Block block, int at, bool head)
    {
        if (head == ((block.Flags[at] & Head) != 0))
        {
            return;
        }

        block.Flags[at] ^= Head;
        block.Heads += head ? 1 : -1;
        Threads += head ? 1 : -1;
    }
}
