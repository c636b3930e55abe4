using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>RENAME: a mailbox and all below it. INBOX gives its messages and stays.</summary>
/// <remarks>RFC 9051 §6.3.6.</remarks>
internal sealed class RenameCommand(MailboxService mailboxes) : ImapCommand<RenameCommand.Args>
{
    internal sealed record Args(string From, string To);

    public override CommandInfo Info { get; } = new("RENAME") { States = ImapStates.SignedIn };

    // rename = "RENAME" SP mailbox SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var from = s.MailboxName(r.AString());
        r.Space();
        return new Args(from, s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, forbidden) = await s.FindAsync(a.From, MailboxRights.Delete, ct);
        if (place is null)
        {
            return forbidden;
        }

        var (account, name, noRoom) = await s.FindRoomAsync(a.To, ct);
        if (noRoom is { } no)
        {
            return no;
        }

        if (account != place.Account)
        {
            return ImapResult.No("A mailbox stays with its owner.", "CANNOT");
        }

        var renamed = await mailboxes.RenameAsync(account, place.Mailbox.Id, name, ct);
        return renamed.Ok ? ImapResult.Ok : ImapResult.No(renamed.Refusal);
    }
}
