using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>GETACL: who may do what in a mailbox; a shared mailbox's members are among them.</summary>
/// <remarks>RFC 4314 §3.3.</remarks>
internal sealed class GetAclCommand(AccessControl access) : ImapCommand<GetAclCommand.Args>
{
    internal sealed record Args(string Name);

    public override CommandInfo Info { get; } = new("GETACL") { States = ImapStates.SignedIn };

    // getacl = "GETACL" SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, refused) = await s.FindAsync(a.Name, MailboxRights.Administer, ct);
        if (place is null)
        {
            return refused;
        }

        // acl-data = "ACL" SP mailbox *(SP identifier SP rights)
        var entries = await access.ListAsync(place.Account, place.Mailbox.Id, ct);
        s.Out.Raw("* ACL "u8).Mailbox(place.Name).Space().String(place.Shared?.Address ?? s.User!.Login).Space()
            .Raw(MailboxRightsText.Format(MailboxRights.All));
        foreach (var (name, rights) in entries)
        {
            s.Out.Space().String(name).Space().Raw(MailboxRightsText.Format(rights));
        }

        s.Out.Line();
        return ImapResult.Ok;
    }
}
