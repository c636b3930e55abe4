using SaaS.Domain.Common;

namespace SaaS.Domain.Submissions;

public enum UndoStatus
{
    Pending = 0,
    Final = 1,
    Canceled = 2,
}

/// <summary>A message of an account on its way out (RFC 8621 §7). The API commits it; the submission role takes it at <see cref="SendAt"/>.</summary>
public sealed class EmailSubmission
{
    public AccountId AccountId { get; set; }
    /// <summary>Unique within the account, taken from its modseq.</summary>
    public long Id { get; set; }
    public long ModSeq { get; set; }
    public TenantId TenantId { get; set; }
    public long IdentityId { get; set; }
    public MessageId MessageId { get; set; }
    public ContentId ContentId { get; set; }
    public ThreadId ThreadId { get; set; }
    public required string MailFrom { get; set; }
    /// <summary>Whom Sender names: who sends on behalf of the account. Null: nobody.</summary>
    public string? Sender { get; set; }
    public List<string> RcptTo { get; set; } = [];
    public DateTimeOffset SendAt { get; set; }
    public UndoStatus UndoStatus { get; set; }
    /// <summary>The queue row it became.</summary>
    public long? QueueId { get; set; }
    /// <summary>Why it could not be sent, as deliveryStatus smtpReply.</summary>
    public string? Error { get; set; }
    /// <summary>Where the email goes, as sent mail, once it is on its way. Null: nowhere, or it went there.</summary>
    public MailboxId? OnSendMailboxId { get; set; }
    public string? LeaseOwner { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
}

/// <summary>A name and address that an account may send as (RFC 8621 §6), beside its addresses themselves.</summary>
public sealed class Identity
{
    public AccountId AccountId { get; set; }
    public long Id { get; set; }
    public long ModSeq { get; set; }
    public required string Name { get; set; }
    public required string Email { get; set; }
    public string? ReplyTo { get; set; }
    public string? TextSignature { get; set; }
    public string? HtmlSignature { get; set; }
}
