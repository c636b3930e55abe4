#pragma warning disable CS9113
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Mailboxes;

/// <summary>Mailboxes of an account: names, special uses, subscriptions. Each change takes a modseq and tells the change feed.</summary>
public sealed partial class MailboxService(MailDatabase database, IChangeFeed feed)
{
    public const int MaxMailboxes = 1500;
    public const int MaxDepth = 20;
    public const int MaxNameLength = 255;

    /// <summary>All mailboxes by name, INBOX first.</summary>
    public Task<IReadOnlyList<Mailbox>> ListAsync(AccountId account, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>By full name; INBOX in any case (RFC 9051 §5.1).</summary>
    public Task<Mailbox?> FindAsync(AccountId account, string name, CancellationToken ct) => throw new NotImplementedException();

    public Task<Mailbox?> GetAsync(AccountId account, MailboxId id, CancellationToken ct) => throw new NotImplementedException();

    public Task<Mailbox?> FindAsync(AccountId account, SpecialUse use, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Makes it and missing parents. Refusals: AlreadyExists, Invalid (name, or use already taken), LimitReached.</summary>
    public Task<Outcome<Mailbox>> CreateAsync(AccountId account, string name, SpecialUse use, bool subscribe, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Renames it and all below it; missing parents are made. Renaming INBOX moves its messages (RFC 9051 §6.3.6). Refusals: NotFound, AlreadyExists, Invalid.</summary>
    public Task<Outcome<Mailbox>> RenameAsync(AccountId account, MailboxId id, string newName, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Deletes it with its messages. Refusals: NotFound, HasChildren, Forbidden (INBOX), Conflict (not empty and <paramref name="onlyIfEmpty"/>).</summary>
    public Task<Refusal?> DeleteAsync(AccountId account, MailboxId id, bool onlyIfEmpty, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Changes what is not null.</summary>
    public Task<Outcome<Mailbox>> UpdateAsync(
        AccountId account, MailboxId id, bool? subscribed, SpecialUse? use, int? sortOrder, CancellationToken ct) =>
        throw new NotImplementedException();
}
