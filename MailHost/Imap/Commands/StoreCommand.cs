using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>STORE: changes flags.</summary>
/// <remarks>RFC 9051 §6.4.6; UNCHANGEDSINCE RFC 7162 §3.1.3.</remarks>
internal sealed class StoreCommand(MailboxReader reader, MessageStore store) : ImapCommand<StoreCommand.Args>
{
    internal sealed record Args(SequenceSet Set, char Mode, bool Silent, FlagList Flags, ModSeq? UnchangedSince);

    public override CommandInfo Info { get; } = new("STORE")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
    };

    // store = "STORE" SP sequence-set [store-modifiers] SP store-att-flags
    // store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var set = SequenceSet.Parse(ref r);
        r.Space();
        ModSeq? unchangedSince = null;
        if (r.TryOpen())
        {
            if (!r.TryKeyword("UNCHANGEDSINCE"u8))
            {
                ImapReader.Fail("Unknown modifier.");
            }

            r.Space();
            unchangedSince = new ModSeq(r.Number64());
            r.Close();
            r.Space();
            s.CondStore = true;
        }

        var item = r.Keyword();
        var mode = item[0] is '+' or '-' ? item[0] : '=';
        var name = mode == '=' ? item : item[1..];
        if (name is not ("FLAGS" or "FLAGS.SILENT"))
        {
            ImapReader.Fail("Expected FLAGS.");
        }

        r.Space();
        var flags = r.Next == '(' ? ImapFlags.ParseList(ref r) : ImapFlags.Parse(ref r);
        return new Args(set, mode, name.Length > 5, flags, unchangedSince);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        if (!box.Rights.HasAny(MailboxRights.Flags))
        {
            return box.Refused;
        }

        // RFC 4314 §4: what may not be changed is passed over, as long as something is left.
        var flags = Place.Allowed(box.Rights, a.Flags);
        if (flags.Flags == 0 && flags.Keywords.Count == 0 && (a.Flags.Flags != 0 || a.Flags.Keywords.Count > 0))
        {
            return box.Refused;
        }

        var ranges = await box.ResolveAsync(a.Set, s.UseUid, ct);
        var uids = box.View.UidsWithin(ranges).ToList();
        if (uids.Count == 0)
        {
            return ImapResult.Ok;
        }

        // A silent store still tells new modseqs to who asked for them (RFC 7162 §3.1.3).
        var tells = !a.Silent || (s.CondStore && a.UnchangedSince is not null);
        var outcome = box.Seen is null
            ? await store.ChangeFlagsAsync(
                box.Account, new MessageSelection.ByUid(box.Id, uids.ConvertAll(u => new Uid(u))), Change(a, flags, Place.Mask(box.Rights)), ct,
                wantsRows: tells, s.Judge)
            : await ChangeAsReaderAsync(s, box, uids, a, flags, ct);
        if (!outcome.Ok)
        {
            return ImapResult.No(outcome.Refusal);
        }

        if (a.Mode != '-')
        {
            s.TellKeywords(flags.Keywords);
        }

        var result = outcome.Value;
        if (result.ModSeq.Value > 0)
        {
            box.NoteOwn(result.ModSeq);
        }

        if (tells)
        {
            await TellAsync(s, box, uids, result, a.Silent, ct);
        }

        if (result.Modified.Count == 0)
        {
            return ImapResult.Ok;
        }

        var modified = result.Modified.Select(u => s.UseUid ? u.Value : (uint)box.View.SeqOf(u.Value)).Where(n => n > 0).Order();
        return ImapResult.OkWith("MODIFIED " + NumberRange.Format(NumberRange.FromAscending(modified)), "Some had changed.");
    }

    private static FlagChange Change(Args a, FlagList flags, MessageFlags may) => a.Mode switch
    {
        '+' => new FlagChange { Add = flags.Flags & may, AddKeywords = flags.Keywords, UnchangedSince = a.UnchangedSince },
        '-' => new FlagChange { Remove = flags.Flags & may, RemoveKeywords = flags.Keywords, UnchangedSince = a.UnchangedSince },

        // Keywords are replaced only by who may set them: that is whoever may set \Answered.
        _ => new FlagChange
        {
            Add = flags.Flags & may,
            AddKeywords = flags.Keywords,
            Remove = may,
            Keep = ~may,
            Replace = may.HasFlag(MessageFlags.Answered),
            UnchangedSince = a.UnchangedSince,
        },
    };

    /// <summary>In a mailbox where \Seen is everybody's own: that one apart from the others.</summary>
    private async ValueTask<Outcome<FlagsChanged>> ChangeAsReaderAsync(
        ImapSession s, SelectedMailbox box, List<uint> uids, Args a, FlagList flags, CancellationToken ct)
    {
        var may = Place.Mask(box.Rights);
        var others = Change(a, flags, may & ~MessageFlags.Seen);
        var outcome = await store.ChangeFlagsAsync(box.Account, new MessageSelection.ByUid(box.Id, uids.ConvertAll(u => new Uid(u))), others, ct, learnFrom: s.Judge);
        if (!outcome.Ok)
        {
            return outcome;
        }

        var modSeq = outcome.Value.ModSeq;
        if (may.HasFlag(MessageFlags.Seen) && (a.Mode == '=' || flags.Flags.HasFlag(MessageFlags.Seen)))
        {
            if (modSeq.Value > 0)
            {
                box.NoteOwn(modSeq);
            }

            var held = outcome.Value.Modified.ToHashSet();
            var read = await s.ChangeSeenAsync(
                box.Account, box.Id, [.. uids.Select(u => new Uid(u)).Where(u => !held.Contains(u))], a.Mode != '-' && flags.Flags.HasFlag(MessageFlags.Seen), ct);
            modSeq = read.Value > 0 ? read : modSeq;
        }

        await box.ReloadSeenAsync(ct);

        // Without rows: they are read again as they are after both.
        return new FlagsChanged([], outcome.Value.Modified, modSeq);
    }

    private async ValueTask TellAsync(
        ImapSession s, SelectedMailbox box, List<uint> uids, FlagsChanged result, bool silent, CancellationToken ct)
    {
        IReadOnlyList<MessageRow> rows = result.Rows;
        if ((!silent || box.Seen is not null) && rows.Count + result.Modified.Count < uids.Count)
        {
            // Those that were so already are told too: the client asked what they are now.
            var changed = rows.Select(r => r.Uid.Value).ToHashSet();
            changed.UnionWith(result.Modified.Select(u => u.Value));
            var same = await reader.ReadAsync(box.Account, box.Id, uids.Where(u => !changed.Contains(u)).ToList(), ContentColumns.None, ct);
            rows = [.. rows.Concat(same.Select(m => m.Row)).OrderBy(r => r.Uid.Value)];
        }

        foreach (var row in rows)
        {
            var number = box.View.SeqOf(row.Uid.Value);
            if (number == 0)
            {
                continue;
            }

            if (silent)
            {
                s.BeginFetch(number, row.Uid.Value);
                if (!s.UidOnly)
                {
                    s.Out.Raw("UID "u8).Number(row.Uid.Value).Space();
                }

                s.Out.Raw("MODSEQ ("u8).Number(row.ModSeq.Value).Raw("))\r\n"u8);
            }
            else
            {
                s.WriteFlags(number, row.Uid, box.FlagsOf(row), row.Keywords, row.ModSeq, s.UseUid || s.CondStore);
            }

            await s.FlushIfLargeAsync(ct);
        }
    }
}
