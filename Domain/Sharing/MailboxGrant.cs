using SaaS.Domain.Common;

namespace SaaS.Domain.Sharing;

public enum GranteeKind : short
{
    Account = 0,
    Group = 1,
    /// <summary>Everybody of the tenant; the id is the tenant's.</summary>
    Anyone = 2,
}

/// <summary>What somebody may do in one mailbox, or (mailbox 0) in a whole account. Several for one person add up.</summary>
public sealed class MailboxGrant
{
    /// <summary>Whose mailbox it is.</summary>
    public AccountId AccountId { get; set; }
    /// <summary>0: every mailbox of the account.</summary>
    public MailboxId MailboxId { get; set; }
    public GranteeKind GranteeKind { get; set; }
    /// <summary>Id of the account, group or tenant.</summary>
    public long GranteeId { get; set; }
    public MailboxRights Rights { get; set; }
}

/// <summary>What somebody else keeps of a shared mailbox for himself: whether he subscribed to it, and what he has read.</summary>
public sealed class ReaderState
{
    public AccountId AccountId { get; set; }
    public MailboxId MailboxId { get; set; }
    public AccountId ReaderId { get; set; }
    /// <summary>Null: as it comes.</summary>
    public bool? Subscribed { get; set; }
    /// <summary>UIDs with \Seen, as half-open ranges. The owner's are in the message's row.</summary>
    public NpgsqlTypes.NpgsqlRange<long>[] Seen { get; set; } = [];
}
