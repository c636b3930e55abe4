using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Imap;

/// <summary>A mailbox as this session sees it: under the name that it has here, and with what may be done in it.</summary>
/// <param name="Mailbox">Its account may be somebody else's. Id 0: a name that only leads to others, such as "Shared".</param>
/// <param name="Shared">Through which it is seen; null for the session's own.</param>
internal sealed record Place(Mailbox Mailbox, MailboxRights Rights, SharedAccount? Shared)
{
    public AccountId Account => Mailbox.AccountId;

    public string Name => Mailbox.Name;

    public bool IsOwn => Shared is null && IsMailbox;

    public bool IsMailbox => Mailbox.Id.Value != 0;

    /// <summary>\Seen is the reader's own, not the one of the message's row.</summary>
    public bool SeenIsPersonal => Shared is { SeenIsPersonal: true };

    /// <summary>Of flags that somebody wants to set, those that he may.</summary>
    public static FlagList Allowed(MailboxRights rights, FlagList flags) => rights.Has(MailboxRights.Flags)
        ? flags
        : new FlagList(flags.Flags & Mask(rights), rights.Has(MailboxRights.Write) ? flags.Keywords : []);

    /// <summary>Flags that these rights let one change.</summary>
    public static MessageFlags Mask(MailboxRights rights) =>
        (rights.Has(MailboxRights.Seen) ? MessageFlags.Seen : 0)
        | (rights.Has(MailboxRights.DeleteMessages) ? MessageFlags.Deleted : 0)
        | (rights.Has(MailboxRights.Write) ? ~(MessageFlags.Seen | MessageFlags.Deleted) : 0);
}
