using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>DELETE: a mailbox with its messages; refused while it has mailboxes below it.</summary>
/// <remarks>RFC 9051 §6.3.5.</remarks>
internal sealed class DeleteCommand(MailboxService mailboxes) : ImapCommand<DeleteCommand.Args>
{
    internal sealed record Args(string Name);

    public override CommandInfo Info { get; } = new("DELETE") { States = ImapStates.SignedIn };

    // delete = "DELETE" SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, forbidden) = await s.FindAsync(a.Name, MailboxRights.Delete, ct);
        if (place is null)
        {
            return forbidden;
        }

        if (await mailboxes.DeleteAsync(place.Account, place.Mailbox.Id, onlyIfEmpty: false, ct) is { } refusal)
        {
            return ImapResult.No(refusal);
        }

        if (s.Selected is { } box && box.Account == place.Account && box.Id == place.Mailbox.Id)
        {
            s.Unselect();
            s.Out.Raw("* OK [CLOSED] The mailbox is gone.\r\n"u8);
        }

        return ImapResult.Ok;
    }
}
