using SaaS.Domain.Common;

namespace SaaS.Domain.Mailboxes;

/// <summary>An annotation of a mailbox, or of the account itself (RFC 5464 §2). Goes with its mailbox.</summary>
public sealed class Annotation
{
    public AccountId AccountId { get; set; }
    /// <summary>0: the server annotations of the account.</summary>
    public MailboxId MailboxId { get; set; }
    /// <summary>Lower case, with "/private/" or "/shared/" in front.</summary>
    public required string Entry { get; set; }
    public required byte[] Value { get; set; }
    /// <summary>The account's modseq at which it was set last.</summary>
    public long ModSeq { get; set; }
}
