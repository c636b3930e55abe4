using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>LISTRIGHTS: what a name can be given: each right by itself. Says nothing about whether there is such a name.</summary>
/// <remarks>RFC 4314 §3.4.</remarks>
internal sealed class ListRightsCommand : ImapCommand<ListRightsCommand.Args>
{
    internal sealed record Args(string Name, string Identifier);

    public override CommandInfo Info { get; } = new("LISTRIGHTS") { States = ImapStates.SignedIn };

    // listrights = "LISTRIGHTS" SP mailbox SP identifier
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

        // listrights-data = "LISTRIGHTS" SP mailbox SP identifier SP rights *(SP rights)
        var isOwner = (place.Shared?.Address ?? s.User!.Login).Equals(a.Identifier, StringComparison.OrdinalIgnoreCase);
        s.Out.Raw("* LISTRIGHTS "u8).Mailbox(place.Name).Space().String(a.Identifier).Space()
            .Raw(isOwner ? MailboxRightsText.Format(MailboxRights.All) : "\"\" l r s w i p k x t e a c d").Line();
        return ImapResult.Ok;
    }
}
