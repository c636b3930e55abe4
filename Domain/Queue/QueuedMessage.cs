using SaaS.Domain.Common;

namespace SaaS.Domain.Queue;

/// <summary>A message that waits for one or more recipients; written with its recipients in one transaction.</summary>
public sealed class QueuedMessage
{
    public long Id { get; set; }
    /// <summary>Whose mail it is; null for the platform's own.</summary>
    public TenantId? TenantId { get; set; }
    /// <summary>The account that submitted it, null when it came from outside.</summary>
    public AccountId? AccountId { get; set; }
    /// <summary>Reverse-path; empty for DSNs.</summary>
    public required string ReversePath { get; set; }
    /// <summary>ENVID of RFC 3461, as received (xtext decoded).</summary>
    public string? EnvelopeId { get; set; }
    /// <summary>RET=FULL: DSNs carry the whole message.</summary>
    public bool ReturnFull { get; set; }
    public bool SmtpUtf8 { get; set; }
    public bool EightBit { get; set; }
    /// <summary>Whole message with CRLF, zstd; null when it stands in the blob store.</summary>
    public byte[]? Raw { get; set; }
    public byte[]? BlobHash { get; set; }
    public int Size { get; set; }
    /// <summary>Message-ID header, for people who search.</summary>
    public string? MessageIdHeader { get; set; }
    public string? Subject { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
}

public enum RecipientState
{
    Waiting = 0,
    /// <summary>Leased by a node until LeaseUntil.</summary>
    Trying = 1,
    Delivered = 2,
    Bounced = 3,
    Expired = 4,
    /// <summary>Stopped by a person until released.</summary>
    Held = 5,
}

/// <summary>One recipient of a queued message.</summary>
public sealed class QueuedRecipient
{
    public long Id { get; set; }
    public long MessageId { get; set; }
    public required string Recipient { get; set; }
    /// <summary>Domain of the recipient (A-label), what attempts are grouped by; "" when local, "legacy:" and an id where the account is at home on a legacy platform.</summary>
    public required string Destination { get; set; }
    /// <summary>The account here that it goes to; null: outside.</summary>
    public AccountId? AccountId { get; set; }
    /// <summary>ORCPT of RFC 3461 (addr-type;address).</summary>
    public string? OriginalRecipient { get; set; }
    /// <summary>NOTIFY bits of RFC 3461: 1 never, 2 success, 4 failure, 8 delay; 0 = not given.</summary>
    public short Notify { get; set; }
    /// <summary>Of an account here: policy puts it into Junk, unless the owner's filter says otherwise.</summary>
    public bool Junk { get; set; }
    public RecipientState State { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset NextAttemptAt { get; set; }
    public string? LeaseOwner { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    /// <summary>The last reply of the remote, or our own reason.</summary>
    public string? LastReply { get; set; }
    public string? RemoteHost { get; set; }
    /// <summary>A delay warning was sent.</summary>
    public bool DelayNotified { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
}
