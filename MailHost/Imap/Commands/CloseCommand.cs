using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>CLOSE: removes what has \Deleted, silently, and closes the mailbox.</summary>
/// <remarks>RFC 9051 §6.4.1; a mailbox opened by EXAMINE, or without the right "e" (RFC 4314 §4), is left as it is.</remarks>
internal sealed class CloseCommand(MessageStore store) : BareImapCommand
{
    public override CommandInfo Info { get; } = new("CLOSE") { States = ImapStates.Selected };

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        var box = s.Mailbox;
        s.Unselect();
        if (box.Rights.Has(MailboxRights.Expunge))
        {
            await store.ExpungeAsync(box.Account, new MessageSelection.ByUid(box.Id, []), onlyDeleted: true, ct);
        }

        return ImapResult.Ok;
    }
}
