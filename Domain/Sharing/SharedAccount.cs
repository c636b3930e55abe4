using SaaS.Domain.Accounts;
using SaaS.Domain.Common;

namespace SaaS.Domain.Sharing;

/// <summary>An account of which somebody else may see something.</summary>
/// <param name="Everywhere">In every mailbox of it, and what may be sent in its name.</param>
/// <param name="Mailboxes">In single mailboxes, besides.</param>
public sealed record SharedAccount(
    AccountId Id, string Address, string DisplayName, AccountKind Kind, MailboxRights Everywhere,
    IReadOnlyDictionary<MailboxId, MailboxRights> Mailboxes)
{
    /// <summary>In a person's mailbox everybody has read his own; a team's shared mailbox is read once for all.</summary>
    public bool SeenIsPersonal => Kind == AccountKind.User;

    public MailboxRights Of(MailboxId mailbox) => (Everywhere | Mailboxes.GetValueOrDefault(mailbox)) & MailboxRights.All;

    /// <summary>The whole of it can be read: JMAP shows it as an account.</summary>
    public bool IsReadable => Everywhere.Has(MailboxRights.Lookup | MailboxRights.Read);

    public bool IsWritable => Everywhere.Has(MailboxRights.Writer & ~MailboxRights.Post);

    public bool MaySend => Everywhere.HasAny(MailboxRights.SendAs | MailboxRights.SendOnBehalf);
}
