namespace SaaS.Client.Http;

/// <summary>One page of a list. <paramref name="Next"/> is the cursor for the page after it, null at the end.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which page of a list: at most 500 items, from a cursor, and a search text where the list knows one.</summary>
public sealed record PageQuery(int? Limit = null, string? Cursor = null, string? Search = null);
