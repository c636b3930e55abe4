using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>COPY: into another mailbox, all or nothing.</summary>
/// <remarks>RFC 9051 §6.4.7; COPYUID RFC 4315 §3.</remarks>
internal class CopyCommand(MessageStore store) : ImapCommand<CopyCommand.Args>
{
    internal sealed record Args(SequenceSet Set, string Target);

    public override CommandInfo Info { get; } = new("COPY") { States = ImapStates.Selected, AllowsUid = true };

    // copy = "COPY" SP sequence-set SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var set = SequenceSet.Parse(ref r);
        r.Space();
        return new Args(set, s.MailboxName(r.AString()));
    }

    protected MessageStore Store => store;

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        var ranges = await box.ResolveAsync(a.Set, s.UseUid, ct);
        var (target, forbidden) = await AppendCommand.FindTargetAsync(s, a.Target, ct);
        if (target is null)
        {
            return forbidden;
        }

        var uids = box.View.UidsWithin(ranges).Select(u => new Uid(u)).ToList();
        return uids.Count == 0
            ? ImapResult.Ok
            : await TransferAsync(s, box, uids, target, ct);
    }

    protected virtual async ValueTask<ImapResult> TransferAsync(
        ImapSession s, SelectedMailbox box, IReadOnlyList<Uid> uids, Place target, CancellationToken ct)
    {
        var within = Transfer.IsWithin(box, target);
        var copied = within
            ? await store.CopyAsync(box.Account, new MessageSelection.ByUid(box.Id, uids), target.Mailbox.Id, ct)
            : await Transfer.CopyAsync(s, box, uids, target, ct);
        if (copied.Ok && within)
        {
            await Transfer.CarrySeenAsync(s, box, copied.Value, target, ct);
        }

        return !copied.Ok ? ImapResult.No(copied.Refusal)
            : copied.Value.Messages.Count == 0 ? ImapResult.OkWith("EXPUNGEISSUED", "Nothing left to copy.")
            : ImapResult.OkWith(CopyUid(copied.Value), "COPY completed.");
    }

    // resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
    protected static string CopyUid(TransferResult result) =>
        $"COPYUID {result.UidValidity} {NumberRange.Format(NumberRange.FromAscending(result.Messages.Select(m => m.SourceUid.Value)))} "
        + NumberRange.Format(NumberRange.FromAscending(result.Messages.Select(m => m.Uid.Value)));
}

/// <summary>MOVE: the message goes, and keeps its EMAILID.</summary>
/// <remarks>RFC 9051 §6.4.8, RFC 6851: COPYUID untagged, then the expunges.</remarks>
internal sealed class MoveCommand(MessageStore store) : CopyCommand(store)
{
    private static readonly CommandInfo Own = new("MOVE") { States = ImapStates.Selected, AllowsUid = true, Capabilities = ["MOVE"] };

    public override CommandInfo Info => Own;

    protected override async ValueTask<ImapResult> TransferAsync(
        ImapSession s, SelectedMailbox box, IReadOnlyList<Uid> uids, Place target, CancellationToken ct)
    {
        if (!box.Rights.Has(MailboxRights.DeleteMessages | MailboxRights.Expunge))
        {
            return box.Refused;
        }

        if (target.Account == box.Account && target.Mailbox.Id == box.Id)
        {
            return ImapResult.No("The messages are there already.", "CANNOT");
        }

        var within = Transfer.IsWithin(box, target);
        var moved = within
            ? await Store.MoveAsync(box.Account, new MessageSelection.ByUid(box.Id, uids), target.Mailbox.Id, ct)
            : await Transfer.CopyAsync(s, box, uids, target, ct);
        if (!moved.Ok)
        {
            return ImapResult.No(moved.Refusal);
        }

        if (moved.Value.Messages.Count == 0)
        {
            return ImapResult.OkWith("EXPUNGEISSUED", "Nothing left to move.");
        }

        s.Out.Raw("* OK ["u8).Raw(CopyUid(moved.Value)).Raw("] Moved.\r\n"u8);
        if (within)
        {
            await Transfer.CarrySeenAsync(s, box, moved.Value, target, ct);
            await s.TellOwnExpungeAsync([.. moved.Value.Messages.Select(m => m.SourceUid.Value)], moved.Value.ModSeq, ct);
        }
        else
        {
            // Only now that every copy is committed.
            await Store.ExpungeAsync(
                box.Account, new MessageSelection.ByUid(box.Id, [.. moved.Value.Messages.Select(m => m.SourceUid)]), onlyDeleted: false, ct);
            await s.TellNewsAsync(mayExpunge: true, ct);
        }

        return s.CondStore ? ImapResult.OkWith($"HIGHESTMODSEQ {box.Synced}", "MOVE completed.") : ImapResult.Ok;
    }
}
