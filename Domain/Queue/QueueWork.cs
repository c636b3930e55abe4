using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.Domain.Queue;

/// <summary>A recipient that a worker holds until its lease ends.</summary>
/// <param name="GivenUp">A person wants it returned to its sender.</param>
/// <param name="AccountTenant">Tenant of <paramref name="Account"/>; null when the account is gone.</param>
/// <param name="AccountSuspended">The account, its domain or tenant is switched off at present.</param>
/// <param name="Home">The legacy platform that <paramref name="Account"/> is at home on; null: here.</param>
public sealed record LeasedRecipient(
    long Id,
    string Recipient,
    AccountId? Account,
    string? OriginalRecipient,
    DsnNotify Notify,
    int Attempts,
    bool DelayNotified,
    bool GivenUp,
    TenantId? AccountTenant = null,
    bool AccountSuspended = false,
    bool Junk = false,
    LegacyPlatformId? Home = null);

/// <summary>A queued message, without its bytes, with those of its recipients that were leased together.</summary>
public sealed record LeasedMessage
{
    public required long Id { get; init; }
    public required TenantId? Tenant { get; init; }
    public required AccountId? Account { get; init; }
    /// <summary>Null: the null reverse-path.</summary>
    public required MailAddress? ReversePath { get; init; }
    public required string? EnvelopeId { get; init; }
    public required bool ReturnFull { get; init; }
    public required bool SmtpUtf8 { get; init; }
    public required bool EightBit { get; init; }
    public required int Size { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required IReadOnlyList<LeasedRecipient> Recipients { get; init; }
}

/// <summary>What became of a recipient in one attempt.</summary>
/// <param name="State">Waiting (try again at <paramref name="NextAttemptAt"/>), Delivered, Bounced or Expired.</param>
/// <param name="Reply">The remote's reply, or our own reason.</param>
public sealed record RecipientResult(
    long Id, RecipientState State, string Reply, string? RemoteHost = null, DateTimeOffset? NextAttemptAt = null, bool DelayNotified = false);

/// <summary>A row of the queue as people see it.</summary>
public sealed record QueueEntry(
    long Id,
    long MessageId,
    TenantId? Tenant,
    AccountId? Account,
    string ReversePath,
    string Recipient,
    string Destination,
    RecipientState State,
    int Attempts,
    DateTimeOffset NextAttemptAt,
    string? LastReply,
    string? RemoteHost,
    int Size,
    string? MessageIdHeader,
    string? Subject,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

/// <summary>What to look for in the queue; everything that is not null must match.</summary>
public sealed record QueueFilter
{
    public RecipientState? State { get; init; }
    /// <summary>Domain of the recipient, whole.</summary>
    public string? Destination { get; init; }
    /// <summary>Part of the recipient, the sender or the Message-ID.</summary>
    public string? Text { get; init; }
    public TenantId? Tenant { get; init; }
    public long? MessageId { get; init; }
}

/// <summary>What waits for one destination, with the newest reply that any of it got.</summary>
public sealed record QueueDestination(
    string Name, int Waiting, int Trying, int Held, DateTimeOffset Oldest, string? LastReply, DateTimeOffset? NextAttempt);

/// <summary>How full the queue is; numbers from 10,000 on are estimates.</summary>
public sealed record QueueFigures(long Waiting, long Trying, long Held, DateTimeOffset? OldestCreatedAt);
