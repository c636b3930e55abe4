#pragma warning disable CS9113
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages.Blobs;

namespace SaaS.Domain.Messages;

/// <summary>
/// The mail store's hot path. Every change locks the account's state row first, takes the next modseq, commits, and then tells the
/// change feed; so changes of one account are in one order and no two accounts ever wait for each other.
/// </summary>
public sealed partial class MessageStore(
    MailDatabase database, IBlobStore blobs, IChangeFeed feed, TimeProvider clock) : IMailStore
{
    /// <summary>One message into one mailbox. Refusals: OverQuota, NotFound, TooLarge.</summary>
    public Task<Outcome<StoredMessage>> StoreAsync(StoreRequest request, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Adds, removes or replaces flags. Refusal: LimitReached (64 keywords a message).</summary>
    public Task<Outcome<FlagsChanged>> ChangeFlagsAsync(AccountId account, MessageSelection which, FlagChange change, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Copies into a mailbox of the same account, all or nothing. Refusals: OverQuota, NotFound.</summary>
    public Task<Outcome<TransferResult>> CopyAsync(AccountId account, MessageSelection which, MailboxId target, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Moves: new UID, same email id (RFC 6851). Refusal: NotFound.</summary>
    public Task<Outcome<TransferResult>> MoveAsync(AccountId account, MessageSelection which, MailboxId target, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Removes for good; with <paramref name="onlyDeleted"/> just those with \Deleted. ByUid with no UIDs means the whole mailbox.</summary>
    public Task<ExpungeResult> ExpungeAsync(AccountId account, MessageSelection which, bool onlyDeleted, CancellationToken ct) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<MessageRow>> RowsAsync(AccountId account, MessageSelection which, CancellationToken ct) =>
        throw new NotImplementedException();

    public Task<IReadOnlyDictionary<ContentId, ContentRow>> ContentsAsync(
        AccountId account, IReadOnlyCollection<ContentId> ids, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>The whole message as it was received; null when there is none. Large ones stream from the blob store.</summary>
    public Task<Stream?> OpenRawAsync(AccountId account, ContentId content, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>The header block of each, blank line included.</summary>
    public Task<IReadOnlyDictionary<ContentId, byte[]>> HeadersAsync(
        AccountId account, IReadOnlyCollection<ContentId> ids, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Null when <paramref name="since"/> is older than the tombstones that are kept: the caller must start afresh.</summary>
    public Task<MailboxChanges?> MailboxChangesAsync(AccountId account, MailboxId mailbox, ModSeq since, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Null when <paramref name="since"/> is too old (JMAP cannotCalculateChanges).</summary>
    public Task<EmailChanges?> EmailChangesAsync(AccountId account, ModSeq since, int max, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>The account's modseq now.</summary>
    public Task<ModSeq> ModSeqAsync(AccountId account, CancellationToken ct) => throw new NotImplementedException();
}
