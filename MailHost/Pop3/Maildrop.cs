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
    private readonly (uint Uid, int Size, long Content)[] _messages;
    private readonly bool[] _deleted;

    private Maildrop(AccountId account, MailboxId mailbox, long uidValidity, (uint, int, long)[] messages)
    {
        (Account, Mailbox, UidValidity, _messages) = (account, mailbox, uidValidity, messages);
        _deleted = new bool[messages.Length];
        Left = messages.Length;
        Octets = messages.Sum(m => (long)m.Item2);
    }

    public AccountId Account { get; }
    public MailboxId Mailbox { get; }
    public long UidValidity { get; }

    /// <summary>Highest message number, deleted ones included.</summary>
    public int Count => _messages.Length;

    /// <summary>Messages that are not marked.</summary>
    public int Left { get; private set; }

    public long Octets { get; private set; }

    public static async Task<Maildrop> OpenAsync(MessageStore store, MailboxService mailboxes, AccountId account, int max, CancellationToken ct)
    {
        var inbox = await mailboxes.FindAsync(account, SpecialUse.Inbox, ct);
        if (inbox is null)
        {
            return new Maildrop(account, default, 0, []);
        }

        var rows = await store.RowsAsync(account, new MessageSelection.ByUid(inbox.Id, []), ct);
        return new Maildrop(account, inbox.Id, inbox.UidValidity, [.. rows.Take(max).Select(r => (r.Uid.Value, r.Size, r.Content.Value))]);
    }

    public bool Has(int number) => number >= 1 && number <= Count && !_deleted[number - 1];

    public int Size(int number) => _messages[number - 1].Size;

    public ContentId Content(int number) => new(_messages[number - 1].Content);

    /// <summary>The same for ever: UIDs are never given twice while UIDVALIDITY stands (RFC 1939 §7, RFC 9051 §2.3.1.1).</summary>
    public string UniqueId(int number) => $"{UidValidity}.{_messages[number - 1].Uid}";

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

    /// <summary>Removes what is marked (the UPDATE state, RFC 1939 §6).</summary>
    public async Task CommitAsync(MessageStore store, CancellationToken ct)
    {
        var uids = Enumerable.Range(0, Count).Where(i => _deleted[i]).Select(i => new Uid(_messages[i].Uid)).ToList();
        if (uids.Count > 0)
        {
            await store.ExpungeAsync(Account, new MessageSelection.ByUid(Mailbox, uids), onlyDeleted: false, ct);
        }
    }
}
