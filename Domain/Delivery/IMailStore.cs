using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Delivery;

/// <summary>A message to store into one account.</summary>
public sealed record StoreRequest
{
    public required AccountId Account { get; init; }
    public required TenantId Tenant { get; init; }
    /// <summary>Into this mailbox; null: by <see cref="SpecialUse"/>, else INBOX.</summary>
    public MailboxId? Mailbox { get; init; }
    public SpecialUse SpecialUse { get; init; } = SpecialUse.Inbox;
    /// <summary>CRLF line ends, as received or submitted.</summary>
    public required MessageBytes Message { get; init; }
    /// <summary>What was parsed from <see cref="Message"/>, where the caller has it already.</summary>
    public ParsedMessage? Parsed { get; init; }
    /// <summary>Header lines, each ending in CRLF, that go in front of the message in this account's copy (Return-Path, Delivered-To, Received).</summary>
    public ReadOnlyMemory<byte> Prepend { get; init; }
    public MessageFlags Flags { get; init; }
    public IReadOnlyList<string> Keywords { get; init; } = [];
    /// <summary>Null: now.</summary>
    public DateTimeOffset? InternalDate { get; init; }
    /// <summary>Same key, same account: stored once (id of the queue's recipient row).</summary>
    public long? DeliveryKey { get; init; }
    /// <summary>The version of the account's filters that this was filtered by, 0 where there are none; null: it is no delivery (APPEND, import).
    /// Conflict where another version stands.</summary>
    public long? SieveVersion { get; init; }
    /// <summary>Beyond the account's quota too: mail that an admin moves here from elsewhere.</summary>
    public bool ExceedQuota { get; init; }
}

/// <summary>Where it stands now. With <paramref name="Repeated"/> an earlier call with the same delivery key had stored it; the rest is then empty.</summary>
public sealed record StoredMessage(
    MessageId Id, ContentId Content, ThreadId Thread, MailboxId Mailbox, Uid Uid, long UidValidity, ModSeq ModSeq, int Size, bool Repeated = false);

/// <summary>The way into a mailbox. Returned means committed.</summary>
public interface IMailStore
{
    /// <summary>Refusals: OverQuota, NotFound (account or mailbox), TooLarge.</summary>
    Task<Outcome<StoredMessage>> StoreAsync(StoreRequest request, CancellationToken ct);
}
