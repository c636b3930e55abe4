namespace SaaS.Client.Queue;

public enum QueueState
{
    Waiting,
    Trying,
    Delivered,
    Bounced,
    Expired,
    /// <summary>Stopped by a person until released.</summary>
    Held,
}

/// <summary>A recipient of a queued message.</summary>
public sealed record QueueRecipientView(
    long Id, string Recipient, string Destination, QueueState State, int Attempts, DateTimeOffset? NextAttemptAt, string? LastReply,
    string? RemoteHost, DateTimeOffset ChangedAt);

/// <param name="Sender">Reverse-path; empty for bounces.</param>
public sealed record QueueMessageView(
    long Id, long? TenantId, string? TenantName, string Sender, string? Subject, string? MessageId, int Size, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt, IReadOnlyList<QueueRecipientView> Recipients);

/// <param name="NextAttemptAt">When the first of the waiting ones is tried.</param>
public sealed record QueueDestinationView(
    string Destination, int Waiting, int Trying, int Held, DateTimeOffset? OldestAt, string? LastReply, DateTimeOffset? NextAttemptAt = null);

/// <summary>Which messages: of a state, a destination domain; the page's search looks in sender, recipients, subject and Message-ID.</summary>
public sealed record QueueQuery(QueueState? State = null, string? Destination = null, long? TenantId = null);

public enum QueueAction
{
    /// <summary>Tried now, whatever was planned.</summary>
    Retry,
    Hold,
    Release,
    /// <summary>Given up; senders are told.</summary>
    Bounce,
    /// <summary>Thrown away; nobody is told.</summary>
    Delete,
}

/// <summary>What a filter matches; 100,000 recipients stand for that many or more.</summary>
public sealed record QueueCount(int Messages, int Recipients);

/// <summary>One action on everything that a filter matches. At least one condition is needed, or <paramref name="All"/>.</summary>
/// <param name="Search">Looked for in sender, recipients and Message-ID.</param>
/// <param name="All">Means the whole queue that the caller sees, and says so.</param>
public sealed record ChangeQueue(
    QueueAction Action, QueueState? State = null, string? Destination = null, long? TenantId = null, string? Search = null, bool All = false);

/// <summary>How many recipients it was done to.</summary>
public sealed record QueueChanged(int Recipients);
