namespace SaaS.Client.Jmap;

/// <summary>RFC 8621 §2.</summary>
public sealed record Mailbox : IJmapObject
{
    public static string TypeName => "Mailbox";

    public string? Id { get; init; }
    public string? Name { get; init; }
    public string? ParentId { get; init; }
    /// <summary>"inbox", "drafts", "sent", "trash", "junk", "archive", …; null for an ordinary one.</summary>
    public string? Role { get; init; }
    public int? SortOrder { get; init; }
    public int? TotalEmails { get; init; }
    public int? UnreadEmails { get; init; }
    public int? TotalThreads { get; init; }
    public int? UnreadThreads { get; init; }
    public MailboxRights? MyRights { get; init; }
    public bool? IsSubscribed { get; init; }
}

public sealed record MailboxRights
{
    public bool MayReadItems { get; init; }
    public bool MayAddItems { get; init; }
    public bool MayRemoveItems { get; init; }
    public bool MaySetSeen { get; init; }
    public bool MaySetKeywords { get; init; }
    public bool MayCreateChild { get; init; }
    public bool MayRename { get; init; }
    public bool MayDelete { get; init; }
    public bool MaySubmit { get; init; }
}

/// <summary>RFC 8621 §2.3. What is null is no condition.</summary>
public sealed record MailboxFilter
{
    public string? Name { get; init; }
    public bool? HasAnyRole { get; init; }
    public bool? IsSubscribed { get; init; }
    public string? ParentId { get; init; }
    public string? Role { get; init; }
}
