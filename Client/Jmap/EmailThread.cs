namespace SaaS.Client.Jmap;

/// <summary>RFC 8621 §3: emails oldest first.</summary>
public sealed record EmailThread : IJmapObject
{
    public static string TypeName => "Thread";

    public string? Id { get; init; }
    public IReadOnlyList<string> EmailIds { get; init; } = [];
}

/// <summary>RFC 8621 §5: HTML-escaped text with the words found in &lt;mark&gt;; null where nothing was found in it.</summary>
public sealed record SearchSnippet
{
    public string EmailId { get; init; } = "";
    public string? Subject { get; init; }
    public string? Preview { get; init; }
}
