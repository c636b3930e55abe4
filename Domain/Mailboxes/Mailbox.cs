using SaaS.Domain.Common;

namespace SaaS.Domain.Mailboxes;

/// <summary>SPECIAL-USE attribute (RFC 6154 §2, RFC 8457) and JMAP role.</summary>
public enum SpecialUse : short
{
    None = 0,
    Inbox = 1,
    Drafts = 2,
    Sent = 3,
    Trash = 4,
    Junk = 5,
    Archive = 6,
    Important = 7,
    All = 8,
    Flagged = 9,
    /// <summary>\Scheduled: waits to be sent (IANA registry of IMAP mailbox name attributes).</summary>
    Scheduled = 10,
}

/// <summary>A mailbox with its counters, kept in the transaction of each change so that SELECT and STATUS read one row.</summary>
public sealed class Mailbox
{
    public AccountId AccountId { get; set; }
    public MailboxId Id { get; set; }
    /// <summary>Full path, "/" between levels, Unicode NFC; "INBOX" for the inbox. At most 255 characters, 20 levels. Parents always exist.</summary>
    public required string Name { get; set; }
    public SpecialUse SpecialUse { get; set; }
    public bool Subscribed { get; set; }
    public int SortOrder { get; set; }
    public long UidValidity { get; set; }
    /// <summary>The UID that the next message gets.</summary>
    public long UidNext { get; set; }
    /// <summary>Highest modseq of any message in it, expunges included (RFC 7162 HIGHESTMODSEQ).</summary>
    public long HighestModSeq { get; set; }
    /// <summary>Modseq at which it was made.</summary>
    public long CreatedModSeq { get; set; }
    /// <summary>Modseq at which the mailbox itself (name, use, subscription) last changed.</summary>
    public long ChangedModSeq { get; set; }
    public int Total { get; set; }
    public int Unseen { get; set; }
    /// <summary>Messages with \Deleted (STATUS DELETED, RFC 9051 §6.3.11).</summary>
    public int DeletedCount { get; set; }
    /// <summary>Sum of the sizes of its messages, bytes (STATUS SIZE).</summary>
    public long SizeBytes { get; set; }
}

/// <summary>A mailbox that was deleted, for JMAP Mailbox/changes.</summary>
public sealed class MailboxTombstone
{
    public AccountId AccountId { get; set; }
    public MailboxId MailboxId { get; set; }
    public long ModSeq { get; set; }
}
