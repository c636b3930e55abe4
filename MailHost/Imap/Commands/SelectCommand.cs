using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>SELECT: opens a mailbox. Reads its row and nothing else, so it costs the same for any number of messages.</summary>
/// <remarks>
/// RFC 9051 §6.3.2; CONDSTORE RFC 7162 §3.1.8, QRESYNC §3.2.5; MAILBOXID RFC 8474 §4.2.
/// \Recent is never set and RECENT always 0 (RFC 3501 §2.3.2 allows that); UNSEEN is told only where it costs nothing.
/// </remarks>
internal class SelectCommand(MessageStore store, MailboxReader reader) : ImapCommand<SelectCommand.Args>
{
    /// <summary>QRESYNC (uidvalidity modseq [known-uids [(numbers uids)]]).</summary>
    internal sealed record Resync(long UidValidity, ModSeq ModSeq, SequenceSet? Known);

    internal sealed record Args(string Name, bool CondStore, Resync? Resync);

    public override CommandInfo Info { get; } = new("SELECT")
    {
        States = ImapStates.SignedIn,
        Capabilities = ["OBJECTID"],
    };

    protected virtual bool ReadOnly => false;

    // select = "SELECT" SP mailbox [select-params]
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        var condStore = false;
        Resync? resync = null;
        if (r.TrySpace())
        {
            r.Open();
            do
            {
                switch (r.Keyword())
                {
                    case "CONDSTORE":
                        condStore = true;
                        break;
                    case "QRESYNC" when s.QResync:
                        resync = ParseResync(ref r);
                        break;
                    default:
                        ImapReader.Fail("Unknown parameter.");
                        break;
                }
            }
            while (r.TrySpace());
            r.Close();
        }

        return new Args(name, condStore, resync);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        // Whether or not it succeeds, the old mailbox is closed (RFC 9051 §6.3.2).
        var wasSelected = s.Selected is not null;
        s.Unselect();
        if (wasSelected)
        {
            s.Out.Raw("* OK [CLOSED] Previous mailbox closed.\r\n"u8);
        }

        var watch = s.Watch((await s.LocateAsync(a.Name, ct))?.Account ?? s.Account);
        try
        {
            return await OpenAsync(s, a, watch, ct);
        }
        finally
        {
            s.Release(watch);
        }
    }

    private async ValueTask<ImapResult> OpenAsync(ImapSession s, Args a, AccountWatch watch, CancellationToken ct)
    {
        var hint = watch.Hint;
        var (place, refused) = await s.FindAsync(a.Name, MailboxRights.Read, ct);
        if (place is null)
        {
            return refused;
        }

        s.CondStore |= a.CondStore;
        var mailbox = place.Mailbox;
        var box = new SelectedMailbox(s, place, ReadOnly, watch, hint);
        await box.ReloadSeenAsync(ct);
        var w = s.Out;
        w.Raw("* "u8).Number(mailbox.Total).Raw(" EXISTS\r\n"u8);
        if (!s.Rev2)
        {
            w.Raw("* 0 RECENT\r\n"u8);
            if (mailbox.Total > 0 && mailbox.Unseen == mailbox.Total && !place.SeenIsPersonal && !s.UidOnly)
            {
                w.Raw("* OK [UNSEEN 1] First unseen.\r\n"u8);
            }
        }

        w.Raw("* FLAGS ("u8).Raw(ImapFlags.All).Raw(")\r\n"u8);
        w.Raw("* OK [PERMANENTFLAGS ("u8).Raw(ImapFlags.Render(Place.Mask(box.Rights)))
            .Raw(box.Rights.Has(MailboxRights.Write) ? " \\*)] Flags.\r\n"u8 : ")] Flags.\r\n"u8);
        w.Raw("* OK [UIDVALIDITY "u8).Number(mailbox.UidValidity).Raw("] UIDs valid.\r\n"u8);
        w.Raw("* OK [UIDNEXT "u8).Number(mailbox.UidNext).Raw("] Next UID.\r\n"u8);
        w.Raw("* OK [HIGHESTMODSEQ "u8).Number(Math.Max(mailbox.HighestModSeq, 1)).Raw("] Highest.\r\n"u8);
        w.Raw("* OK [MAILBOXID (F"u8).Number(mailbox.Id.Value).Raw(")] Id.\r\n"u8);
        if (s.Rev2)
        {
            w.Raw("* LIST "u8);
            ListResponse.Attributes(w, mailbox, hasChildren: null);
            w.Raw(" \"/\" "u8).Mailbox(mailbox.Name).Line();
        }

        s.Open(box);
        if (a.Resync is { } resync && resync.UidValidity == mailbox.UidValidity)
        {
            await TellSinceAsync(s, box, resync, ct);
        }

        // RFC 4314 §5.2: READ-WRITE for whoever may change what others see too.
        var shared = MailboxRights.Insert | MailboxRights.Expunge | (place.SeenIsPersonal ? MailboxRights.Flags & ~MailboxRights.Seen : MailboxRights.Flags);
        return ImapResult.OkWith(box.Rights.HasAny(shared) ? "READ-WRITE" : "READ-ONLY", Info.Name + " completed.");
    }

    // qresync-param-data = uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data]
    private static Resync ParseResync(ref ImapReader r)
    {
        r.Space();
        r.Open();
        var validity = r.NzNumber();
        r.Space();
        var modSeq = new ModSeq(r.Number64());
        SequenceSet? known = null;
        if (r.TrySpace())
        {
            if (r.Next != '(')
            {
                known = SequenceSet.Parse(ref r);
            }

            if (r.Next == '(' || r.TrySpace())
            {
                // Numbers that match UIDs would spare us tombstones; we have them all.
                r.Open();
                SequenceSet.Parse(ref r);
                r.Space();
                SequenceSet.Parse(ref r);
                r.Close();
            }
        }

        r.Close();
        return new Resync(validity, modSeq, known);
    }

    private async ValueTask TellSinceAsync(ImapSession s, SelectedMailbox box, Resync resync, CancellationToken ct)
    {
        var known = resync.Known?.Resolve(box.View.UidNext - 1);
        var changes = await store.MailboxChangesAsync(box.Account, box.Id, resync.ModSeq, ct);
        List<uint> vanished;
        IEnumerable<MessageRow> changed;
        if (changes is not null)
        {
            vanished = [.. changes.Vanished.Select(u => u.Value).Where(u => u < box.View.UidNext)];
            changed = changes.Changed.Where(row => row.Uid.Value < box.View.UidNext);
        }
        else
        {
            // Older than the tombstones: everything that is not there has vanished (RFC 7162 §3.2.5.1).
            await box.EnsureUidAsync(1, ct);
            var there = box.View.UidsWithin([new NumberRange(1, box.View.UidNext)]).ToHashSet();
            vanished = [];
            foreach (var range in known ?? [new NumberRange(1, box.View.UidNext - 1)])
            {
                for (var uid = range.First; uid <= range.Last && uid < box.View.UidNext; uid++)
                {
                    if (!there.Contains(uid))
                    {
                        vanished.Add(uid);
                    }
                }
            }

            changed = (await reader.ReadAsync(box.Account, box.Id, 1, uint.MaxValue, int.MaxValue, ContentColumns.None, ct))
                .Select(m => m.Row).Where(row => row.ModSeq > resync.ModSeq && row.Uid.Value < box.View.UidNext);
        }

        if (known is not null)
        {
            vanished.RemoveAll(u => !NumberRange.Contains(known, u));
        }

        if (vanished.Count > 0)
        {
            s.Out.Raw("* VANISHED (EARLIER) "u8).Raw(NumberRange.Format(NumberRange.FromAscending(vanished))).Line();
        }

        foreach (var row in changed)
        {
            await box.EnsureUidAsync(row.Uid.Value, ct);
            if (box.View.SeqOf(row.Uid.Value) is > 0 and var number)
            {
                s.WriteFlags(number, row.Uid, box.FlagsOf(row), row.Keywords, row.ModSeq, withUid: true);
                await s.FlushIfLargeAsync(ct);
            }
        }
    }
}

/// <summary>EXAMINE: SELECT without the right to change anything.</summary>
/// <remarks>RFC 9051 §6.3.3.</remarks>
internal sealed class ExamineCommand(MessageStore store, MailboxReader reader)
    : SelectCommand(store, reader)
{
    private static readonly CommandInfo Own = new("EXAMINE") { States = ImapStates.SignedIn };

    public override CommandInfo Info => Own;

    protected override bool ReadOnly => true;
}
