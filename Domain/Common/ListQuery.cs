using System.Globalization;

namespace SaaS.Domain.Common;

/// <summary>Which page of a list in id order: <paramref name="Limit"/> of 1 to 500 items after an id, and a text to look for.</summary>
public sealed record ListQuery(int Limit = 100, long? After = null, string? Search = null)
{
    public const int MaxLimit = 500;

    /// <summary>Page size within its bounds.</summary>
    public int Limit { get; init; } = Math.Clamp(Limit, 1, MaxLimit);

    /// <summary>The search text as an ILIKE pattern in which nothing of the text is special.</summary>
    internal string? Pattern => string.IsNullOrWhiteSpace(Search)
        ? null
        : "%" + Search.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal) + "%";

    /// <summary>Takes a list that was read one item longer than the page.</summary>
    internal Page<T> ToPage<T>(List<T> read, Func<T, long> id)
    {
        if (read.Count <= Limit)
        {
            return new Page<T>(read, null);
        }

        read.RemoveRange(Limit, read.Count - Limit);
        return new Page<T>(read, id(read[^1]).ToString(CultureInfo.InvariantCulture));
    }
}
