namespace SaaS.Client.Jmap;

/// <summary>A record type of JMAP. <see cref="TypeName"/> is what stands before the slash of its methods.</summary>
public interface IJmapObject
{
    static abstract string TypeName { get; }
    string? Id { get; }
}

/// <summary>Foo/get.</summary>
public sealed record GetResponse<T>
{
    public string? AccountId { get; init; }
    public string State { get; init; } = "";
    public IReadOnlyList<T> List { get; init; } = [];
    public IReadOnlyList<string> NotFound { get; init; } = [];
}

/// <summary>Foo/changes. With <see cref="HasMoreChanges"/>, ask again from <see cref="NewState"/>.</summary>
public sealed record ChangesResponse
{
    public string? AccountId { get; init; }
    public string OldState { get; init; } = "";
    public string NewState { get; init; } = "";
    public bool HasMoreChanges { get; init; }
    public IReadOnlyList<string> Created { get; init; } = [];
    public IReadOnlyList<string> Updated { get; init; } = [];
    public IReadOnlyList<string> Destroyed { get; init; } = [];
    /// <summary>Mailbox/changes: when not null, only these properties changed (counts).</summary>
    public IReadOnlyList<string>? UpdatedProperties { get; init; }
}

/// <summary>Foo/query.</summary>
public sealed record QueryResponse
{
    public string? AccountId { get; init; }
    public string QueryState { get; init; } = "";
    public bool CanCalculateChanges { get; init; }
    public int Position { get; init; }
    public IReadOnlyList<string> Ids { get; init; } = [];
    public int? Total { get; init; }
    public int? Limit { get; init; }
}

/// <summary>Foo/queryChanges.</summary>
public sealed record QueryChangesResponse
{
    public string? AccountId { get; init; }
    public string OldQueryState { get; init; } = "";
    public string NewQueryState { get; init; } = "";
    public int? Total { get; init; }
    public IReadOnlyList<string> Removed { get; init; } = [];
    public IReadOnlyList<AddedItem> Added { get; init; } = [];
}

public sealed record AddedItem(string Id, int Index);

/// <summary>Foo/set. Created and updated hold only what the server set or changed by itself.</summary>
public sealed record SetResponse<T>
{
    public string? AccountId { get; init; }
    public string? OldState { get; init; }
    public string NewState { get; init; } = "";
    public IReadOnlyDictionary<string, T>? Created { get; init; }
    public IReadOnlyDictionary<string, T?>? Updated { get; init; }
    public IReadOnlyList<string>? Destroyed { get; init; }
    public IReadOnlyDictionary<string, SetError>? NotCreated { get; init; }
    public IReadOnlyDictionary<string, SetError>? NotUpdated { get; init; }
    public IReadOnlyDictionary<string, SetError>? NotDestroyed { get; init; }

    /// <summary>The first object that was refused; null when all went well.</summary>
    public SetError? FirstError =>
        (NotCreated?.Values ?? []).Concat(NotUpdated?.Values ?? []).Concat(NotDestroyed?.Values ?? []).FirstOrDefault();
}

/// <summary>Email/import and Email/copy.</summary>
public sealed record ImportResponse
{
    public string? AccountId { get; init; }
    public string? OldState { get; init; }
    public string NewState { get; init; } = "";
    public IReadOnlyDictionary<string, Email>? Created { get; init; }
    public IReadOnlyDictionary<string, SetError>? NotCreated { get; init; }
}

/// <summary>Email/parse.</summary>
public sealed record ParseResponse
{
    public string? AccountId { get; init; }
    public IReadOnlyDictionary<string, Email>? Parsed { get; init; }
    public IReadOnlyList<string>? NotParsable { get; init; }
    public IReadOnlyList<string>? NotFound { get; init; }
}

/// <summary>SearchSnippet/get.</summary>
public sealed record SnippetResponse
{
    public string? AccountId { get; init; }
    public IReadOnlyList<SearchSnippet> List { get; init; } = [];
    public IReadOnlyList<string>? NotFound { get; init; }
}

/// <summary>One key of a sort order (RFC 8620 §5.5; keyword RFC 8621 §4.4.2).</summary>
public sealed record Comparator(string Property, bool IsAscending = true)
{
    public string? Collation { get; init; }
    public string? Keyword { get; init; }

    public static readonly Comparator NewestFirst = new("receivedAt", IsAscending: false);
}

/// <summary>What an upload gave (RFC 8620 §6.1).</summary>
public sealed record UploadResponse
{
    public string AccountId { get; init; } = "";
    public string BlobId { get; init; } = "";
    public string Type { get; init; } = "";
    public long Size { get; init; }
}

/// <summary>Account id -> type name -> new state (RFC 8620 §7.1).</summary>
public sealed record StateChange
{
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Changed { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();
}
