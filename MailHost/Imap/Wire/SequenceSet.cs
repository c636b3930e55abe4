using System.Text;

namespace SaaS.MailHost.Imap.Wire;

/// <summary>A set of message numbers or UIDs as the client wrote it: ranges, "*", or "$" for the saved search result.</summary>
/// <remarks>RFC 9051 §9 sequence-set, RFC 5182.</remarks>
internal sealed class SequenceSet
{
    /// <summary>Stands for "*" until the highest number is known.</summary>
    public const uint Star = uint.MaxValue;

    private readonly List<NumberRange> _ranges = [];

    private SequenceSet() { }

    public static SequenceSet Saved { get; } = new() { IsSaved = true };

    public static SequenceSet All { get; } = Of(new NumberRange(1, Star));

    /// <summary>"$": the result of the last SEARCH with SAVE.</summary>
    public bool IsSaved { get; private init; }

    public bool UsesStar => _ranges.Exists(r => r.First == Star || r.Last == Star);

    /// <summary>As written; <see cref="Star"/> still in place.</summary>
    public IReadOnlyList<NumberRange> Written => _ranges;

    public static SequenceSet Of(params ReadOnlySpan<NumberRange> ranges)
    {
        var set = new SequenceSet();
        set._ranges.AddRange(ranges);
        return set;
    }

    // sequence-set = (seq-number / seq-range) ["," sequence-set] / seq-last-command
    public static SequenceSet Parse(ref ImapReader r)
    {
        if (r.TryByte((byte)'$'))
        {
            return Saved;
        }

        var set = new SequenceSet();
        do
        {
            var first = Number(ref r);
            var last = r.TryByte((byte)':') ? Number(ref r) : first;
            set._ranges.Add(new NumberRange(first, last));
        }
        while (r.TryByte((byte)','));
        return set;
    }

    /// <summary>True where a sequence set can stand here.</summary>
    public static bool IsNext(in ImapReader r) => r.Next is (byte)'*' or (byte)'$' or (>= (byte)'0' and <= (byte)'9');

    /// <summary>Ascending, merged, "*" being <paramref name="highest"/>. The order of a range's ends does not matter (RFC 9051 §9 seq-range).</summary>
    public List<NumberRange> Resolve(uint highest)
    {
        var ranges = new List<NumberRange>(_ranges.Count);
        foreach (var (first, last) in _ranges)
        {
            var a = first == Star ? highest : first;
            var b = last == Star ? highest : last;
            ranges.Add(a <= b ? new NumberRange(a, b) : new NumberRange(b, a));
        }

        return NumberRange.Merge(ranges);
    }

    private static uint Number(ref ImapReader r) => r.TryByte((byte)'*') ? Star : r.NzNumber();
}

/// <summary>Numbers from First to Last, both included.</summary>
internal readonly record struct NumberRange(uint First, uint Last)
{
    public long Count => (long)Last - First + 1;

    public static List<NumberRange> Merge(List<NumberRange> ranges)
    {
        ranges.Sort(static (a, b) => a.First.CompareTo(b.First));
        var merged = new List<NumberRange>(ranges.Count);
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First <= (long)merged[^1].Last + 1)
            {
                merged[^1] = new NumberRange(merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    /// <summary>Runs of ascending numbers.</summary>
    public static List<NumberRange> FromAscending(IEnumerable<uint> numbers)
    {
        var ranges = new List<NumberRange>();
        foreach (var n in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last + 1 == n)
            {
                ranges[^1] = new NumberRange(ranges[^1].First, n);
            }
            else
            {
                ranges.Add(new NumberRange(n, n));
            }
        }

        return ranges;
    }

    public static bool Contains(List<NumberRange> ranges, uint n)
    {
        int low = 0, high = ranges.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (n < ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (n > ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"1:3,5"; in the order given, as COPYUID needs it (RFC 4315 §3).</summary>
    public static string Format(IEnumerable<NumberRange> ranges)
    {
        var text = new StringBuilder();
        foreach (var (first, last) in ranges)
        {
            if (text.Length > 0)
            {
                text.Append(',');
            }

            text.Append(first);
            if (last != first)
            {
                text.Append(':').Append(last);
            }
        }

        return text.ToString();
    }
}
