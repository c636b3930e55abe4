using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>SETACL: lets a user, a group or anyone of the tenant into a mailbox.</summary>
/// <remarks>RFC 4314 §3.1. Names are addresses, and "anyone". Negative rights ("-name") are not kept, which §2 leaves to us.</remarks>
internal sealed class SetAclCommand(AccessControl access) : ImapCommand<SetAclCommand.Args>
{
    internal sealed record Args(string Name, string Identifier, RightsChange Change, MailboxRights Rights);

    public override CommandInfo Info { get; } = new("SETACL") { States = ImapStates.SignedIn, Capabilities = ["ACL", "RIGHTS=kxte"] };

    // setacl = "SETACL" SP mailbox SP identifier SP mod-rights;  mod-rights = astring ; +rights to add, -rights to remove, rights to replace
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        var identifier = r.AString();
        r.Space();
        var written = r.AString();
        var change = written is ['+', ..] ? RightsChange.Add : written is ['-', ..] ? RightsChange.Remove : RightsChange.Replace;
        return MailboxRightsText.Parse(change == RightsChange.Replace ? written : written.AsSpan(1)) is { } rights
            ? new Args(name, identifier, change, rights)
            : throw new ImapSyntaxException("Unknown right.");
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, refused) = await s.FindAsync(a.Name, MailboxRights.Administer, ct);
        if (place is null)
        {
            return refused;
        }

        if (await access.SetAsync(place.Account, place.Mailbox.Id, a.Identifier, a.Change, a.Rights, ct) is { } no)
        {
            return ImapResult.No(no);
        }

        s.Server.Log.Shared(s.Connection.Id, place.Account.Value, place.Mailbox.Id.Value, a.Identifier, MailboxRightsText.Format(a.Rights), a.Change);
        return ImapResult.Ok;
    }
}
