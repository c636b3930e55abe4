using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>EXPUNGE: removes what has \Deleted; UID EXPUNGE only among the UIDs given.</summary>
/// <remarks>RFC 9051 §6.4.3, §6.4.9; HIGHESTMODSEQ RFC 7162 §3.2.7.</remarks>
internal sealed class ExpungeCommand(MessageStore store) : ImapCommand<ExpungeCommand.Args>
{
    internal sealed record Args(SequenceSet? Uids);

    public override CommandInfo Info { get; } = new("EXPUNGE")
    {
        States = ImapStates.Selected,
        AllowsUid = true,
        Capabilities = ["UIDPLUS"],
    };

    // expunge = "EXPUNGE";  uid-expunge = "UID" SP "EXPUNGE" SP sequence-set
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        if (!s.UseUid)
        {
            return new Args(Uids: null);
        }

        r.Space();
        return new Args(SequenceSet.Parse(ref r));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        if (box.ReadOnly)
        {
            return ImapResult.No("The mailbox is read-only.", "READ-ONLY");
        }

        List<Uid> which = [];
        if (a.Uids is not null)
        {
            var ranges = await box.ResolveAsync(a.Uids, isUid: true, ct);
            which = [.. box.View.UidsWithin(ranges).Select(u => new Uid(u))];
            if (which.Count == 0)
            {
                return ImapResult.Ok;
            }
        }

        var result = await store.ExpungeAsync(s.Account, new MessageSelection.ByUid(box.Id, which), onlyDeleted: true, ct);
        if (result.Messages.Count == 0)
        {
            return ImapResult.Ok;
        }

        await s.TellNewsAsync(mayExpunge: true, ct);
        return s.CondStore
            ? ImapResult.OkWith($"HIGHESTMODSEQ {box.Synced}", "EXPUNGE completed.")
            : ImapResult.Ok;
    }
}
