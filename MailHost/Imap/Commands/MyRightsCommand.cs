using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>MYRIGHTS: what this user may do in a mailbox.</summary>
/// <remarks>RFC 4314 §3.5; within LIST, RFC 8440.</remarks>
internal sealed class MyRightsCommand : ImapCommand<MyRightsCommand.Args>
{
    internal sealed record Args(string Name);

    public override CommandInfo Info { get; } = new("MYRIGHTS") { States = ImapStates.SignedIn };

    // myrights = "MYRIGHTS" SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (await s.FindAsync(a.Name, ct) is not { } place)
        {
            return ImapResult.NoMailbox;
        }

        Write(s, place);
        return ImapResult.Ok;
    }

    public static void Write(ImapSession s, Place place) =>
        s.Out.Raw("* MYRIGHTS "u8).Mailbox(place.Name).Space().Raw(MailboxRightsText.Format(place.Rights)).Line();
}
