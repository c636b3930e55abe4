using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>REPLACE: a new message takes the place of one, in its mailbox or another. Drafts are saved with it.</summary>
/// <remarks>RFC 8508 §3. The new message is stored before the old one goes, so that at no moment neither is there.</remarks>
internal sealed class ReplaceCommand(MessageStore store) : ImapCommand<ReplaceCommand.Args>
{
    internal sealed record Args(SequenceSet Set, string Name, AppendCommand.Head Head);

    public override CommandInfo Info { get; } = new("REPLACE")
    {
        States = ImapStates.Selected,
        AllowsUid = true,
        TakesMessage = true,
        Capabilities = ["REPLACE"],
    };

    // replace = "REPLACE" SP seq-number SP mailbox append-message
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var set = SequenceSet.Parse(ref r);
        if (set.IsSaved || set.Written is not [var only] || only.First != only.Last)
        {
            ImapReader.Fail("One message is replaced.");
        }

        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        var head = AppendCommand.ParseHead(ref r, s);
        r.LiteralHeader();
        return new Args(set, name, head);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        var messages = new List<(AppendCommand.Head Head, MessageBytes Bytes)>(1);
        try
        {
            var (uid, refused) = await FindAsync(s, box, a, ct);
            var (place, forbidden) = await AppendCommand.FindTargetAsync(s, a.Name, ct);
            refused ??= place is null ? forbidden : AppendCommand.Check(s, messages);
            if (refused is { } no && s.Input.LiteralIsSynchronizing)
            {
                return no;
            }

            if (refused is { } && s.Input.LiteralSize > s.Server.Options.MaxMessage)
            {
                throw new ImapByeException("Message too large.");
            }

            if (!await AppendCommand.ReadMessageAsync(s, a.Head, messages, keep: refused is null, ct))
            {
                return ImapResult.Bad("Cut off.") with { After = ImapAfter.Close };
            }

            if (await AppendCommand.NextAsync(s, a.Head, ct) is not null)
            {
                return ImapResult.Bad("One message replaces one.") with { After = ImapAfter.Close };
            }

            return refused ?? await ReplaceAsync(s, box, uid, place!, messages[0], ct);
        }
        finally
        {
            foreach (var (_, bytes) in messages)
            {
                await bytes.DisposeAsync();
            }
        }
    }

    private static async ValueTask<(uint Uid, ImapResult? Refused)> FindAsync(ImapSession s, SelectedMailbox box, Args a, CancellationToken ct)
    {
        if (!box.Rights.Has(MailboxRights.DeleteMessages | MailboxRights.Expunge))
        {
            return (0, box.Refused);
        }

        try
        {
            var ranges = await box.ResolveAsync(a.Set, s.UseUid, ct);
            var uid = box.View.UidsWithin(ranges).FirstOrDefault();
            return uid == 0 ? (0, ImapResult.No("No such message.", "NONEXISTENT")) : (uid, null);
        }
        catch (ImapSyntaxException e)
        {
            // The message still has to be read past.
            return (0, ImapResult.Bad(e.Message, e.Code));
        }
    }

    private async ValueTask<ImapResult> ReplaceAsync(
        ImapSession s, SelectedMailbox box, uint uid, Place place, (AppendCommand.Head Head, MessageBytes Bytes) message, CancellationToken ct)
    {
        var outcome = await AppendCommand.StoreOneAsync(s, store, place, message.Head, message.Bytes, ct);
        if (!outcome.Ok)
        {
            return outcome.Refusal.Reason == RefusalReason.NotFound ? ImapResult.TryCreate : ImapResult.No(outcome.Refusal);
        }

        s.Out.Raw("* OK [APPENDUID "u8).Number(outcome.Value.UidValidity).Space().Number(outcome.Value.Uid.Value).Raw("] Replacement is there.\r\n"u8);
        await store.ExpungeAsync(box.Account, new MessageSelection.ByUid(box.Id, [new Uid(uid)]), onlyDeleted: false, ct);
        await s.TellNewsAsync(mayExpunge: true, ct);
        return s.CondStore ? ImapResult.OkWith($"HIGHESTMODSEQ {box.Synced}", "REPLACE completed.") : ImapResult.Ok;
    }
}
