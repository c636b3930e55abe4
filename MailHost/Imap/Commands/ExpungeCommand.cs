using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>EXPUNGE: removes what has \Deleted; UID EXPUNGE only among the UIDs given.</summary>
/// <remarks>RFC 9051 §6.4.3, §6.4.9; HIGHESTMODSEQ RFC 7162 §3.2.7.</remarks>
internal sealed class ExpungeCommand(MessageStore store, MailboxIndexCache indexes) : ImapCommand<ExpungeCommand.Args>
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
        if (!box.Rights.Has(MailboxRights.Expunge))
        {
            return box.Refused;
        }

        // Null: the database finds them, which means that it looks at all.
        List<Uid>? which = null;
        if (a.Uids is not null)
        {
            var ranges = await box.ResolveAsync(a.Uids, isUid: true, ct);
            which = [.. box.View.UidsWithin(ranges).Select(u => new Uid(u))];
        }
        else if (indexes.Held(box.Account, box.Id) is not null)
        {
            which = Deleted(await indexes.GetAsync(box.Account, box.Id, ct));
        }

        if (which is [])
        {
            return ImapResult.Ok;
        }

        var result = await store.ExpungeAsync(box.Account, new MessageSelection.ByUid(box.Id, which ?? []), onlyDeleted: true, ct);
        if (result.Messages.Count == 0)
        {
            return ImapResult.Ok;
        }

        await s.TellOwnExpungeAsync([.. result.Messages.Select(m => m.Uid.Value)], result.ModSeq, ct);
        return s.CondStore
            ? ImapResult.OkWith($"HIGHESTMODSEQ {box.Synced}", "EXPUNGE completed.")
            : ImapResult.Ok;
    }

    private static List<Uid> Deleted(MailboxIndex index)
    {
        var deleted = new List<Uid>();
        foreach (var block in index.Blocks)
        {
            for (var i = 0; i < block.Count; i++)
            {
                if ((block.Flags[i] & (int)MessageFlags.Deleted) != 0)
                {
                    deleted.Add(new Uid(block.Uids[i]));
                }
            }
        }

        return deleted;
    }
}
