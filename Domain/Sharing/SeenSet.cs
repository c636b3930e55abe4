using NpgsqlTypes;

namespace SaaS.Domain.Sharing;

/// <summary>UIDs that somebody has read, as ascending runs.</summary>
public sealed class SeenSet
{
    public static readonly SeenSet Empty = new([]);

    private readonly uint[] _first;
    private readonly uint[] _last;

    public SeenSet(NpgsqlRange<long>[] ranges)
    {
        // Half-open, as PostgreSQL writes ranges of whole numbers.
        _first = Array.ConvertAll(ranges, r => (uint)r.LowerBound);
        _last = Array.ConvertAll(ranges, r => (uint)(r.UpperBound - 1));
    }

    public bool Contains(uint uid)
    {
        var at = Array.BinarySearch(_first, uid);
        return at >= 0 || (~at > 0 && _last[~at - 1] >= uid);
    }
}
