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

public sealed record QueueDestinationView(string Destination, int Waiting, int Trying, int Held, DateTimeOffset? OldestAt, string? LastReply);

/// <summary>Which messages: of a state, a destination domain; the page's search looks in sender, recipients, subject and Message-ID.</summary>
public sealed record QueueQuery(QueueState? State = null, string? Destination = null, long? TenantId = null);
