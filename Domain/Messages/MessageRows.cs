using SaaS.Domain.Common;

namespace SaaS.Domain.Messages;

/// <summary>The narrow row, as read.</summary>
public sealed record MessageRow(
    MessageId Id,
    MailboxId Mailbox,
    Uid Uid,
    ModSeq ModSeq,
    ContentId Content,
    ThreadId Thread,
    MessageFlags Flags,
    string[]? Keywords,
    DateTimeOffset InternalDate,
    DateTimeOffset SavedAt,
    int Size);

/// <summary>What was parsed at delivery, as read; no raw bytes.</summary>
public sealed record ContentRow(
    ContentId Id,
    int Size,
    int HeaderSize,
    MessageEnvelope Envelope,
    BodyPart Structure,
    string Preview,
    bool HasAttachment,
    DateTimeOffset? SentAt);

/// <summary>Which messages an operation is for.</summary>
public abstract record MessageSelection
{
    private MessageSelection() { }

    /// <summary>UIDs of one mailbox (IMAP). UIDs that do not exist are passed over.</summary>
    public sealed record ByUid(MailboxId Mailbox, IReadOnlyList<Uid> Uids) : MessageSelection;

    /// <summary>Emails wherever they are (JMAP). Ids that do not exist are passed over.</summary>
    public sealed record ById(IReadOnlyList<MessageId> Ids) : MessageSelection;
}

/// <summary>
/// A change of flags: first Remove, then Add; with <see cref="Replace"/> all flags and keywords become exactly Add, <see cref="Keep"/> aside.
/// </summary>
public sealed record FlagChange
{
    public MessageFlags Add { get; init; }
    public MessageFlags Remove { get; init; }
    public IReadOnlyList<string> AddKeywords { get; init; } = [];
    public IReadOnlyList<string> RemoveKeywords { get; init; } = [];
    public bool Replace { get; init; }
    /// <summary>Flags that Replace leaves as they are: whoever replaces may not set them.</summary>
    public MessageFlags Keep { get; init; }
    /// <summary>Flags that go.</summary>
    internal int Gone => Replace ? ~(int)Keep : (int)Remove;
    /// <summary>Leave alone what changed after this (RFC 7162 UNCHANGEDSINCE).</summary>
    public ModSeq? UnchangedSince { get; init; }
}

/// <summary>Rows as they are after the change (those that it really changed), what UNCHANGEDSINCE held back, and the change's modseq: 0 where nothing changed.</summary>
public sealed record FlagsChanged(IReadOnlyList<MessageRow> Rows, IReadOnlyList<Uid> Modified, ModSeq ModSeq);

/// <summary>One message that was copied or moved.</summary>
public sealed record Transferred(Uid SourceUid, Uid Uid, MessageId Id, MailboxId SourceMailbox);

/// <summary>Result of COPY or MOVE, in ascending order of source UID.</summary>
public sealed record TransferResult(IReadOnlyList<Transferred> Messages, long UidValidity, ModSeq ModSeq);

public sealed record Expunged(MessageId Id, MailboxId Mailbox, Uid Uid);

public sealed record ExpungeResult(IReadOnlyList<Expunged> Messages, ModSeq ModSeq);

/// <summary>What happened in one mailbox since a modseq.</summary>
/// <param name="Changed">New messages and messages whose flags changed, by UID.</param>
/// <param name="Vanished">UIDs that left, ascending.</param>
/// <param name="Through">Everything up to here is included.</param>
/// <param name="MailboxIsThere">False: it was deleted.</param>
public sealed record MailboxChanges(
    IReadOnlyList<MessageRow> Changed, IReadOnlyList<Uid> Vanished, ModSeq Through, bool MailboxIsThere = true);

/// <summary>What happened to an account's emails since a modseq (JMAP Email/changes). With HasMore, Through is where to go on.</summary>
public sealed record EmailChanges(
    IReadOnlyList<MessageId> Created, IReadOnlyList<MessageId> Updated, IReadOnlyList<MessageId> Destroyed, ModSeq Through, bool HasMore);
