namespace SaaS.Web.Portal;

/// <summary>What a list asks the server for.</summary>
public sealed record ListQuery(string Search, string? Cursor, int Limit)
{
    public string? SearchOrNull => Search.Length == 0 ? null : Search;
}

/// <summary>One page of a list as the server gave it.</summary>
public sealed record ListSlice<T>(IReadOnlyList<T> Items, string? Next, long? Total = null);
