using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Pop3;

/// <summary>
/// The inbox as it was at login (RFC 1939 §4): numbers, sizes and unique ids stand for the whole session, while IMAP and deliveries go on
/// undisturbed. Nothing is locked; a message that somebody else expunged meanwhile cannot be read any more, and that is all.
/// </summary>
internal sealed class Maildrop
{
    private readonly IReadOnlyList<DropEntry> _messages;
    private readonly bool[] _deleted;

    private Maildrop(AccountId account, MailboxId mailbox, IReadOnlyList<DropEntry> messages)
    {
        (Account, Mailbox, _messages) = (account, mailbox, messages);
        _deleted = new bool[messages.Count];
        Left = messages.Count;
        Octets = messages.Sum(m => (long)m.Size);
    }

    public AccountId Account { get; }
    public MailboxId Mailbox { get; }

    /// <summary>Highest message number, deleted ones included.</summary>
    public int Count => _messages.Count;

    /// <summary>Messages that are not marked.</summary>
    public int Left { get; private set; }

    public long Octets { get; private set; }

    public static async Task<Maildrop> OpenAsync(MessageStore store, MailboxService mailboxes, AccountId account, int max, CancellationToken ct)
    {
        var inbox = await mailboxes.FindAsync(account, SpecialUse.Inbox, ct);
        return inbox is null
            ? new Maildrop(account, default, [])
            : new Maildrop(account, inbox.Id, await store.DropAsync(account, inbox.Id, max, ct));
    }

    public bool Has(int number) => number >= 1 && number <= Count && !_deleted[number - 1];

    public int Size(int number) => _messages[number - 1].Size;

    public ContentId Content(int number) => _messages[number - 1].Content;

    /// <summary>
    /// The email's id, which is IMAP's EMAILID: the same for ever, whatever becomes of UIDs, and also when the message was moved away and back
    /// (RFC 1939 §7).
    /// </summary>
    public string UniqueId(int number) => $"M{_messages[number - 1].Id}";

    public void Mark(int number)
    {
        _deleted[number - 1] = true;
        Left--;
        Octets -= Size(number);
    }

    public void Unmark()
    {
        Array.Clear(_deleted);
        Left = Count;
        Octets = _messages.Sum(m => (long)m.Size);
    }

    /// <summary>UIDs of what is marked. What has left the inbox since is not deleted elsewhere.</summary>
    public IReadOnlyList<Uid> Marked() => [.. Enumerable.Range(0, Count).Where(i => _deleted[i]).Select(i => _messages[i].Uid)];
}
