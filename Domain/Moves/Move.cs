using SaaS.Domain.Common;

namespace SaaS.Domain.Moves;

public enum MoveState : short
{
    /// <summary>Waits for its turn, or for the next try.</summary>
    Waiting = 0,
    Running = 1,
    Done = 2,
    /// <summary>Ended by something that a repeat does not heal, or tried too often.</summary>
    Failed = 3,
    Cancelled = 4,
}

/// <summary>How the connection to the old platform is protected.</summary>
public enum SourceTls : short
{
    /// <summary>TLS from the first octet (993).</summary>
    Implicit = 0,
    StartTls = 1,
    None = 2,
}

/// <summary>An account that comes from another platform: where from, how, and how far it is.</summary>
public sealed class Move : ITenantOwned
{
    public long Id { get; set; }
    public TenantId TenantId { get; set; }
    public AccountId AccountId { get; set; }
    /// <summary>The account's address when the move was ordered.</summary>
    public required string Address { get; set; }
    /// <summary>Moves that were ordered together.</summary>
    public Guid? Batch { get; set; }
    /// <summary>Lower case.</summary>
    public required string Host { get; set; }
    public int Port { get; set; }
    public SourceTls Tls { get; set; }
    /// <summary>Takes any certificate: old platforms have self-signed ones.</summary>
    public bool AnyCertificate { get; set; }
    public required string UserName { get; set; }
    /// <summary>Signs in instead of the user and reads the user's mail (SASL authorization identity).</summary>
    public string? MasterUser { get; set; }
    /// <summary>The password, encrypted; null once the move has ended.</summary>
    public string? Secret { get; set; }
    /// <summary>Signs in and counts, stores nothing.</summary>
    public bool DryRun { get; set; }
    public bool FollowFlags { get; set; }
    public bool FollowExpunges { get; set; }
    public bool ExceedQuota { get; set; }
    /// <summary>0: what the node allows.</summary>
    public int MessagesPerSecond { get; set; }
    /// <summary>0: what the node allows.</summary>
    public long BytesPerSecond { get; set; }
    public MoveState State { get; set; }
    public bool CancelRequested { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset NextAttemptAt { get; set; }
    public string? LeaseOwner { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    /// <summary>What went wrong last, for people.</summary>
    public string? Error { get; set; }
    public int Differences { get; set; }
    /// <summary>Dry run: octets that the account's quota lacks; 0 where all fits.</summary>
    public long QuotaLacks { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
}

public enum MoveFolderState : short
{
    Waiting = 0,
    Copying = 1,
    Checking = 2,
    Done = 3,
    /// <summary>Its mail stays where it is; the error says why.</summary>
    Failed = 4,
}

/// <summary>A folder of a move and how far it is. Counters change in the transactions that store the messages.</summary>
public sealed class MoveFolder
{
    public AccountId AccountId { get; set; }
    public long MoveId { get; set; }
    /// <summary><see cref="MovedFolder.Id"/>.</summary>
    public long FolderId { get; set; }
    public int Position { get; set; }
    public required string SourceName { get; set; }
    public string? TargetName { get; set; }
    public MoveFolderState State { get; set; }
    /// <summary>At the source.</summary>
    public int Messages { get; set; }
    public long Bytes { get; set; }
    /// <summary>Of these, how many have been brought here, by this move or an earlier one.</summary>
    public int Present { get; set; }
    /// <summary>Brought here by this move.</summary>
    public int Copied { get; set; }
    public long CopiedBytes { get; set; }
    /// <summary>Could not be brought here.</summary>
    public int Skipped { get; set; }
    public int FlagsChanged { get; set; }
    public int Expunged { get; set; }
    /// <summary>Read back and compared with what the source gave.</summary>
    public int Checked { get; set; }
    public string? Error { get; set; }
}

public enum MoveDifferenceKind : short
{
    /// <summary>A message that could not be read at the source or not be stored here.</summary>
    Skipped = 0,
    /// <summary>It was stored and is not here any more.</summary>
    Missing = 1,
    /// <summary>What stands here is not what the source gave.</summary>
    Content = 2,
    /// <summary>Source and target do not have the same number of messages.</summary>
    Count = 3,
    /// <summary>A folder that could not be made or read.</summary>
    Folder = 4,
    /// <summary>Keywords that are too many or too long were left out.</summary>
    Keywords = 5,
}

/// <summary>Something that is not here as it is at the source.</summary>
public sealed class MoveDifference
{
    public AccountId AccountId { get; set; }
    public long MoveId { get; set; }
    public long Id { get; set; }
    public required string Folder { get; set; }
    public MoveDifferenceKind Kind { get; set; }
    /// <summary>UID at the source; 0 where it is about a folder.</summary>
    public long Uid { get; set; }
    public string? MessageIdHeader { get; set; }
    public required string Text { get; set; }
}

/// <summary>A source's folder and the mailbox that stands for it here, remembered from move to move.</summary>
public sealed class MovedFolder
{
    public AccountId AccountId { get; set; }
    /// <summary>From the source and the folder's name: <see cref="MoveKeys"/>.</summary>
    public long Id { get; set; }
    /// <summary>The source: all folders of one account on one platform.</summary>
    public long Source { get; set; }
    public MailboxId MailboxId { get; set; }
    public required string Name { get; set; }
}

/// <summary>A message that was brought here: written in the transaction that stores it, so that no repeat brings it twice.</summary>
public sealed class MovedMessage
{
    public AccountId AccountId { get; set; }
    public long FolderId { get; set; }
    /// <summary>UIDVALIDITY at the source; 0 where the source has none (Maildir, mbox).</summary>
    public long UidValidity { get; set; }
    public long Uid { get; set; }
    /// <summary>Of Message-ID, Date and size: finds it again when the source's UIDs have changed.</summary>
    public required byte[] Digest { get; set; }
    /// <summary>SHA-256 of what the source gave; null where it is another folder's message (\All).</summary>
    public byte[]? Content { get; set; }
    /// <summary>The email here.</summary>
    public MessageId MessageId { get; set; }
    /// <summary>Flags and keywords at the source when it was last looked at.</summary>
    public int Flags { get; set; }
    public string[]? Keywords { get; set; }
    /// <summary>The run that brought it: <see cref="MoveLease.Run"/>; 0: an import by hand.</summary>
    public long Run { get; set; }
}
