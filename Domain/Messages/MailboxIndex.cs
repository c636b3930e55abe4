using SaaS.Domain.Common;
using SaaS.Domain.Sharing;

namespace SaaS.Domain.Messages;

/// <summary>
/// What the protocols ask of every message of a mailbox again and again: flags, size, dates, where its content is. 34 bytes a message, in blocks that are never
/// changed once they are published: a newer index shares those that stayed the same. Ascending by UID.
/// </summary>
public sealed class MailboxIndex
{
    /// <summary>Messages of one block.</summary>
    public const int BlockSize = 1024;

    /// <summary>Memory that a message costs here.</summary>
    public const int BytesPerMessage = 34;

    private MailboxIndex(IReadOnlyList<Block> blocks, ModSeq through)
    {
        Blocks = blocks;
        Through = through;
        foreach (var block in blocks)
        {
            Count += block.Count;
            HighestUid = block.Uids[block.Count - 1];
        }
    }

    public IReadOnlyList<Block> Blocks { get; }

    public int Count { get; }

    public uint HighestUid { get; }

    /// <summary>All changes up to here are in it.</summary>
    public ModSeq Through { get; }

    /// <summary>Parallel arrays of at most <see cref="BlockSize"/> messages.</summary>
    public sealed class Block(int capacity)
    {
        public int Count { get; internal set; }
        public uint[] Uids { get; private init; } = new uint[capacity];
        public long[] ModSeqs { get; private init; } = new long[capacity];
        public ushort[] Flags { get; private init; } = new ushort[capacity];
        public int[] Sizes { get; private init; } = new int[capacity];
        /// <summary>Internal date, seconds since 1970.</summary>
        public long[] Dates { get; private init; } = new long[capacity];
        /// <summary>Ids of <see cref="MessageContent"/>.</summary>
        public long[] Contents { get; private init; } = new long[capacity];
        /// <summary>Null where no message of the block has other keywords.</summary>
        public string[]?[]? Keywords { get; internal set; }

        /// <summary>Place of the first message with this UID or a higher one.</summary>
        public int Find(uint uid)
        {
            var at = Array.BinarySearch(Uids, 0, Count, uid);
            return at < 0 ? ~at : at;
        }

        internal void Add(uint uid, long modSeq, int flags, int size, long date, long content, string[]? keywords)
        {
            Uids[Count] = uid;
            ModSeqs[Count] = modSeq;
            Flags[Count] = (ushort)flags;
            Sizes[Count] = size;
            Dates[Count] = date;
            Contents[Count] = content;
            if (keywords is not null)
            {
                Keywords ??= new string[]?[Uids.Length];
                Keywords[Count] = keywords;
            }

            Count++;
        }

        /// <summary>The same messages; \Seen as the set has it.</summary>
        internal Block WithSeen(SeenSet seen)
        {
            var flags = new ushort[Uids.Length];
            for (var i = 0; i < Count; i++)
            {
                flags[i] = (ushort)((Flags[i] & ~(int)MessageFlags.Seen) | (seen.Contains(Uids[i]) ? (int)MessageFlags.Seen : 0));
            }

            return new Block(0)
            {
                Count = Count,
                Uids = Uids,
                ModSeqs = ModSeqs,
                Flags = flags,
                Sizes = Sizes,
                Dates = Dates,
                Contents = Contents,
                Keywords = Keywords,
            };
        }

        internal void AddFrom(Block other, int at) =>
            Add(other.Uids[at], other.ModSeqs[at], other.Flags[at], other.Sizes[at], other.Dates[at], other.Contents[at], other.Keywords?[at]);
    }

    /// <summary>Fills blocks with messages in ascending order of UID.</summary>
    public sealed class Builder
    {
        private readonly List<Block> _blocks = [];

        public void Add(uint uid, long modSeq, int flags, int size, long date, long content, string[]? keywords)
        {
            if (_blocks.Count == 0 || _blocks[^1].Count == BlockSize)
            {
                _blocks.Add(new Block(BlockSize));
            }

            _blocks[^1].Add(uid, modSeq, flags, size, date, content, keywords);
        }

        public MailboxIndex Build(ModSeq through) => new(_blocks, through);
    }

    /// <summary>As somebody else than the owner sees it, who has read other messages.</summary>
    public MailboxIndex WithSeen(SeenSet seen) => new([.. Blocks.Select(b => b.WithSeen(seen))], Through);

    /// <summary>One message's facts.</summary>
    internal readonly record struct Row(uint Uid, long ModSeq, int Flags, int Size, long Date, long Content, string[]? Keywords);

    /// <summary>The index after these changes; untouched blocks are shared.</summary>
    /// <param name="rows">New and changed messages, ascending.</param>
    /// <param name="gone">UIDs that left, ascending.</param>
    /// <param name="through">All changes up to here are in the two.</param>
    internal MailboxIndex With(List<Row> rows, List<uint> gone, ModSeq through)
    {
        if (rows.Count == 0 && gone.Count == 0)
        {
            return through == Through ? this : new MailboxIndex(Blocks, through);
        }

        var blocks = new List<Block>(Blocks.Count + 1);
        int changed = 0, vanished = 0;
        foreach (var block in Blocks)
        {
            var last = block.Uids[block.Count - 1];
            var touchedEnd = changed;
            while (touchedEnd < rows.Count && rows[touchedEnd].Uid <= last)
            {
                touchedEnd++;
            }

            var goneEnd = vanished;
            while (goneEnd < gone.Count && gone[goneEnd] <= last)
            {
                goneEnd++;
            }

            if (touchedEnd == changed && goneEnd == vanished)
            {
                blocks.Add(block);
                continue;
            }

            var copy = new Block(block.Uids.Length);
            for (var i = 0; i < block.Count; i++)
            {
                var uid = block.Uids[i];
                while (vanished < goneEnd && gone[vanished] < uid)
                {
                    vanished++;
                }

                if (vanished < goneEnd && gone[vanished] == uid)
                {
                    continue;
                }

                while (changed < touchedEnd && rows[changed].Uid < uid)
                {
                    changed++;
                }

                if (changed < touchedEnd && rows[changed].Uid == uid)
                {
                    Add(copy, rows[changed]);
                }
                else
                {
                    copy.AddFrom(block, i);
                }
            }

            changed = touchedEnd;
            vanished = goneEnd;
            if (copy.Count > 0)
            {
                blocks.Add(copy);
            }
        }

        // What is behind the last known UID is new.
        for (; changed < rows.Count; changed++)
        {
            if (blocks.Count == 0 || blocks[^1].Count == BlockSize)
            {
                blocks.Add(new Block(BlockSize));
            }
            else if (Blocks.Count >= blocks.Count && ReferenceEquals(blocks[^1], Blocks[blocks.Count - 1]))
            {
                var copy = new Block(BlockSize);
                for (var i = 0; i < blocks[^1].Count; i++)
                {
                    copy.AddFrom(blocks[^1], i);
                }

                blocks[^1] = copy;
            }

            Add(blocks[^1], rows[changed]);
        }

        return new MailboxIndex(blocks, through);
    }

    private static void Add(Block block, in Row row) =>
        block.Add(row.Uid, row.ModSeq, row.Flags, row.Size, row.Date, row.Content, row.Keywords);
}
