using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap;

/// <summary>
/// What one session believes is in its mailbox: message numbers to UIDs. Kept as runs of consecutive UIDs, and only as far as it was asked
/// for: the oldest <see cref="Hidden"/> messages are counted, their UIDs not read.
/// </summary>
internal sealed class MailboxView
{
    private readonly List<Run> _runs = [];

    /// <summary>Count messages from number Seq on with UIDs from First on.</summary>
    private readonly record struct Run(uint First, int Seq, int Count)
    {
        public uint Last => First + (uint)Count - 1;
    }

    public MailboxView(int count, uint uidNext)
    {
        Count = count;
        UidNext = uidNext;
        if (count == uidNext - 1)
        {
            // Nothing was ever removed: the number is the UID.
            if (count > 0)
            {
                _runs.Add(new Run(1, 1, count));
            }
        }
        else
        {
            Hidden = count;
        }
    }

    /// <summary>What EXISTS last said.</summary>
    public int Count { get; private set; }

    /// <summary>UIDs from here on are news to the client.</summary>
    public uint UidNext { get; private set; }

    /// <summary>Messages 1 to this one have not been read.</summary>
    public int Hidden { get; private set; }

    /// <summary>All UIDs below are hidden.</summary>
    public uint KnownFrom => _runs.Count > 0 ? _runs[0].First : UidNext;

    public uint HighestUid => _runs.Count > 0 ? _runs[^1].Last : 0;

    public int RunCount => _runs.Count;

    /// <summary>The UIDs of the last hidden messages, ascending.</summary>
    public void Reveal(ReadOnlySpan<uint> uids)
    {
        if (uids.Length > Hidden)
        {
            throw new ArgumentException("More messages than are hidden.", nameof(uids));
        }

        Hidden -= uids.Length;
        var runs = new List<Run>();
        var seq = Hidden + 1;
        foreach (var uid in uids)
        {
            Append(runs, uid, seq++);
        }

        if (runs.Count > 0 && _runs.Count > 0 && runs[^1].Last + 1 == _runs[0].First)
        {
            _runs[0] = runs[^1] with { Count = runs[^1].Count + _runs[0].Count };
            runs.RemoveAt(runs.Count - 1);
        }

        _runs.InsertRange(0, runs);
    }

    /// <summary>Hides all again.</summary>
    public void Forget()
    {
        _runs.Clear();
        _runs.TrimExcess();
        Hidden = Count;
    }

    /// <summary>A new message at the end.</summary>
    public void Add(uint uid)
    {
        Append(_runs, uid, ++Count);
        UidNext = uid + 1;
    }

    /// <summary>Message number of a UID; 0 when the client does not know it.</summary>
    public int SeqOf(uint uid)
    {
        int low = 0, high = _runs.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var run = _runs[middle];
            if (uid < run.First)
            {
                high = middle - 1;
            }
            else if (uid > run.Last)
            {
                low = middle + 1;
            }
            else
            {
                return run.Seq + (int)(uid - run.First);
            }
        }

        return 0;
    }

    /// <summary>UID of a message number that is not hidden.</summary>
    public uint UidOf(int seq)
    {
        int low = 0, high = _runs.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var run = _runs[middle];
            if (seq < run.Seq)
            {
                high = middle - 1;
            }
            else if (seq >= run.Seq + run.Count)
            {
                low = middle + 1;
            }
            else
            {
                return run.First + (uint)(seq - run.Seq);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(seq));
    }

    /// <summary>Takes messages out, all of them known and ascending. Returns the numbers to announce one after the other.</summary>
    public List<int> Remove(IReadOnlyList<uint> uids)
    {
        var numbers = new List<int>(uids.Count);
        var runs = new List<Run>(_runs.Count + uids.Count);
        var next = 0;
        var removed = 0;
        foreach (var run in _runs)
        {
            var first = run.First;
            while (next < uids.Count && uids[next] <= run.Last)
            {
                var uid = uids[next++];
                if (uid < first)
                {
                    continue;
                }

                if (uid > first)
                {
                    runs.Add(new Run(first, run.Seq + (int)(first - run.First) - removed, (int)(uid - first)));
                }

                numbers.Add(run.Seq + (int)(uid - run.First) - removed);
                removed++;
                first = uid + 1;
            }

            if (first <= run.Last)
            {
                runs.Add(new Run(first, run.Seq + (int)(first - run.First) - removed, (int)(run.Last - first) + 1));
            }
        }

        _runs.Clear();
        _runs.AddRange(runs);
        Count -= removed;
        return numbers;
    }

    /// <summary>The known messages within these UID ranges, as runs: UIDs first to last have numbers from seq on.</summary>
    public IEnumerable<(uint First, uint Last, int Seq)> Within(List<NumberRange> ranges)
    {
        var at = 0;
        foreach (var range in ranges)
        {
            while (at > 0 && _runs[at - 1].Last >= range.First)
            {
                at--;
            }

            for (; at < _runs.Count && _runs[at].First <= range.Last; at++)
            {
                var run = _runs[at];
                if (run.Last < range.First)
                {
                    continue;
                }

                var first = Math.Max(run.First, range.First);
                var last = Math.Min(run.Last, range.Last);
                yield return (first, last, run.Seq + (int)(first - run.First));
            }
        }
    }

    public IEnumerable<uint> UidsWithin(List<NumberRange> ranges)
    {
        foreach (var (first, last, _) in Within(ranges))
        {
            for (var uid = first; uid <= last; uid++)
            {
                yield return uid;
            }
        }
    }

    public long CountWithin(List<NumberRange> ranges)
    {
        var count = 0L;
        foreach (var (first, last, _) in Within(ranges))
        {
            count += (long)last - first + 1;
        }

        return count;
    }

    private static void Append(List<Run> runs, uint uid, int seq)
    {
        if (runs.Count > 0 && runs[^1].Last + 1 == uid)
        {
            runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
        }
        else
        {
            runs.Add(new Run(uid, seq, 1));
        }
    }
}
