using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>DELETEACL: what somebody was let in with is taken back.</summary>
/// <remarks>RFC 4314 §3.2.</remarks>
internal sealed class DeleteAclCommand(AccessControl access) : ImapCommand<DeleteAclCommand.Args>
{
    internal sealed record Args(string Name, string Identifier);

    public override CommandInfo Info { get; } = new("DELETEACL") { States = ImapStates.SignedIn };

    // deleteacl = "DELETEACL" SP mailbox SP identifier
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        return new Args(name, r.AString());
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, refused) = await s.FindAsync(a.Name, MailboxRights.Administer, ct);
        if (place is null)
        {
            return refused;
        }

        if (await access.SetAsync(place.Account, place.Mailbox.Id, a.Identifier, RightsChange.Remove, MailboxRights.All, ct) is { } no)
        {
            return ImapResult.No(no);
        }

        s.Server.Log.Shared(s.Connection.Id, place.Account.Value, place.Mailbox.Id.Value, a.Identifier, "all", RightsChange.Remove);
        return ImapResult.Ok;
    }
}
