using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>System flags and the registered keywords that clients use most, as bits; any other keyword stands in <see cref="Message.Keywords"/>.</summary>
[Flags]
public enum MessageFlags
{
    None = 0,
    Seen = 1,
    Answered = 2,
    Flagged = 4,
    Deleted = 8,
    Draft = 16,
    /// <summary>$Forwarded</summary>
    Forwarded = 32,
    /// <summary>$Junk</summary>
    Junk = 64,
    /// <summary>$NotJunk</summary>
    NotJunk = 128,
    /// <summary>$Phishing</summary>
    Phishing = 256,
    /// <summary>$MDNSent</summary>
    MdnSent = 512,
}

/// <summary>The narrow, changing row of a message. Written by <see cref="MessageStore"/> with SQL of its own; mapped for the schema.</summary>
public sealed class Message
{
    public AccountId AccountId { get; set; }
    /// <summary>The modseq at which it was made.</summary>
    public MessageId Id { get; set; }
    public MailboxId MailboxId { get; set; }
    /// <summary>32-bit UID.</summary>
    public long Uid { get; set; }
    public long ModSeq { get; set; }
    public ContentId ContentId { get; set; }
    public ThreadId ThreadId { get; set; }
    public MessageFlags Flags { get; set; }
    /// <summary>Other keywords, lower case as first stored; at most 64 a message, 128 octets each.</summary>
    public string[]? Keywords { get; set; }
    public DateTimeOffset InternalDate { get; set; }
    /// <summary>When it came into this mailbox (RFC 8514 SAVEDATE).</summary>
    public DateTimeOffset SavedAt { get; set; }
    /// <summary>RFC822.SIZE, octets.</summary>
    public int Size { get; set; }
}

/// <summary>Written once, never changed: the bytes of a message and all that was parsed from them.</summary>
public sealed class MessageContent
{
    public AccountId AccountId { get; set; }
    public ContentId Id { get; set; }
    /// <summary>The header block with its blank line, zstd: always here, so that header look-ups never read bodies.</summary>
    public required byte[] Header { get; set; }
    /// <summary>All behind the header block, zstd; null when the message stands in the blob store.</summary>
    public byte[]? Body { get; set; }
    /// <summary>SHA-256 of the whole message: its key in the tenant's blob store; null when inline.</summary>
    public byte[]? BlobHash { get; set; }
    /// <summary>Where the body starts in that blob: its header block lacks the lines that were put in front of this account's copy.</summary>
    public int BlobBodyOffset { get; set; }
    public int Size { get; set; }
    /// <summary>Octets of the header block, blank line included.</summary>
    public int HeaderSize { get; set; }
    /// <summary><see cref="MessageEnvelope"/> as JSON.</summary>
    public required string Envelope { get; set; }
    /// <summary><see cref="BodyPart"/> as JSON.</summary>
    public required string Structure { get; set; }
    /// <summary>At most 256 characters of the text.</summary>
    public required string Preview { get; set; }
    public bool HasAttachment { get; set; }
    /// <summary>Date header; null when missing or unreadable.</summary>
    public DateTimeOffset? SentAt { get; set; }
}

/// <summary>A UID that left its mailbox: expunged, or moved elsewhere.</summary>
public sealed class MessageTombstone
{
    public AccountId AccountId { get; set; }
    public MailboxId MailboxId { get; set; }
    public long Uid { get; set; }
    public long ModSeq { get; set; }
    public MessageId MessageId { get; set; }
    public ContentId ContentId { get; set; }
    /// <summary>Null where a release wrote it that did not know it yet.</summary>
    public ThreadId? ThreadId { get; set; }
    /// <summary>True: the email is still there, in another mailbox.</summary>
    public bool Moved { get; set; }
    public DateTimeOffset At { get; set; }
}

/// <summary>Which thread a Message-ID belongs to, kept apart by normalised subject (RFC 8621 §3).</summary>
public sealed class ThreadReference
{
    public AccountId AccountId { get; set; }
    /// <summary>First 64 bits of SHA-256 of the Message-ID and the normalised subject.</summary>
    public long Hash { get; set; }
    public ThreadId ThreadId { get; set; }
}

/// <summary>A delivery that was made from the queue: makes the hand-over safe to repeat.</summary>
public sealed class DeliveryKey
{
    public AccountId AccountId { get; set; }
    /// <summary>Id of the queue's recipient row.</summary>
    public long Key { get; set; }
    public DateTimeOffset At { get; set; }
}
