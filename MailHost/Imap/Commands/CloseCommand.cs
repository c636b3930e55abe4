using SaaS.Domain.Messages;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>CLOSE: removes what has \Deleted, silently, and closes the mailbox.</summary>
/// <remarks>RFC 9051 §6.4.1; a mailbox opened by EXAMINE is left as it is.</remarks>
internal sealed class CloseCommand(MessageStore store) : BareImapCommand
{
    public override CommandInfo Info { get; } = new("CLOSE") { States = ImapStates.Selected };

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct)
    {
        var box = s.Mailbox;
        s.Unselect();
        if (!box.ReadOnly)
        {
            await store.ExpungeAsync(s.Account, new MessageSelection.ByUid(box.Id, []), onlyDeleted: true, ct);
        }

        return ImapResult.Ok;
    }
}
