using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap;

/// <summary>Untagged data about what others (and this session) did to the selected mailbox.</summary>
internal sealed partial class ImapSession
{
    private const int MaxKeywordsTold = 200;

    /// <summary>Tells the client what happened in the selected mailbox. Without <paramref name="mayExpunge"/> no message number moves.</summary>
    public async ValueTask TellNewsAsync(bool mayExpunge, CancellationToken ct)
    {
        await LookAtRightsAsync(ct);
        if (Selected is not { } box)
        {
            return;
        }

        MailboxChanges? changes = null;
        var hint = box.Watch.Hint;

        // Where the feed told of a change it is read at once; else one number says whether there is any.
        if (hint > box.Synced.Value
            || (await Server.Reader.HighestModSeqAsync(box.Account, box.Id, ct) ?? throw new ImapByeException("The mailbox was deleted.")) > box.Synced)
        {
            changes = await Server.Store.MailboxChangesAsync(box.Account, box.Id, box.Synced, ct)
                ?? throw new ImapByeException("The mailbox changed too much; please open it again.");
            if (!changes.MailboxIsThere)
            {
                throw new ImapByeException("The mailbox was deleted.");
            }

            foreach (var uid in changes.Vanished)
            {
                if (uid.Value < box.View.UidNext)
                {
                    box.PendingVanished.Add(uid.Value);
                }
            }
        }

        if (mayExpunge && box.PendingVanished.Count > 0)
        {
            var gone = box.PendingVanished.Distinct().Order().ToList();
            box.PendingVanished.Clear();
            await TellExpungedAsync(gone, ct);
        }

        if (changes is not null)
        {
            await box.ReloadSeenAsync(ct);
            await TellChangedAsync(box, changes.Changed, ct);
        }

        box.Synced = new ModSeq(Math.Max(Math.Max(hint, changes?.Through.Value ?? 0), box.Synced.Value));
    }

    /// <summary>EXPUNGE or VANISHED for messages that the client knows; others are passed over.</summary>
    public async ValueTask TellExpungedAsync(IReadOnlyList<uint> uids, CancellationToken ct)
    {
        if (uids.Count == 0 || Selected is not { } box)
        {
            return;
        }

        await box.EnsureUidAsync(uids[0], ct);
        if (QResync || UidOnly)
        {
            // RFC 7162 §3.2.10: VANISHED instead of EXPUNGE.
            var known = uids.Where(u => box.View.SeqOf(u) > 0).ToList();
            if (known.Count > 0)
            {
                box.View.Remove(known);
                Out.Raw("* VANISHED "u8).Raw(NumberRange.Format(NumberRange.FromAscending(known))).Line();
            }

            return;
        }

        foreach (var number in box.View.Remove(uids))
        {
            Out.Raw("* "u8).Number(number).Raw(" EXPUNGE\r\n"u8);
            await FlushIfLargeAsync(ct);
        }
    }

    /// <summary>What this session took out of its mailbox itself. Nothing is read again where nobody else changed anything.</summary>
    public ValueTask TellOwnExpungeAsync(IReadOnlyList<uint> uids, ModSeq modSeq, CancellationToken ct)
    {
        if (Mailbox.PendingVanished.Count > 0 || modSeq.Value != Mailbox.Synced.Value + 1)
        {
            return TellNewsAsync(mayExpunge: true, ct);
        }

        Mailbox.NoteOwn(modSeq);
        return TellExpungedAsync(uids, ct);
    }

    /// <summary>
    /// FLAGS again, with keywords that the client meets for the first time in this mailbox: it may take one for an error that was not listed
    /// before (RFC 3501 §7.2.6). Never within another response.
    /// </summary>
    public void TellKeywords(IReadOnlyList<string>? keywords)
    {
        if (keywords is null or [] || Selected is not { } box)
        {
            return;
        }

        box.Keywords ??= new SortedSet<string>(StringComparer.Ordinal);
        var before = box.Keywords.Count;
        foreach (var keyword in keywords)
        {
            if (box.Keywords.Count < MaxKeywordsTold)
            {
                box.Keywords.Add(keyword);
            }
        }

        if (box.Keywords.Count > before)
        {
            var all = string.Join(' ', box.Keywords);
            Out.Raw("* FLAGS ("u8).Raw(ImapFlags.All).Space().Raw(all).Raw(")\r\n"u8);
            if (box.Rights.Has(MailboxRights.Write))
            {
                Out.Raw("* OK [PERMANENTFLAGS ("u8).Raw(ImapFlags.Render(Place.Mask(box.Rights))).Space().Raw(all).Raw(" \\*)] Flags.\r\n"u8);
            }
        }
    }

    /// <summary>"* 3 FETCH (", or "* 4711 UIDFETCH (" where there are no numbers (RFC 9586 §3.3).</summary>
    public void BeginFetch(int number, uint uid) => Out.Raw("* "u8).Number(UidOnly ? uid : number).Raw(UidOnly ? " UIDFETCH ("u8 : " FETCH ("u8);

    /// <summary>A FETCH response with the flags as they are now.</summary>
    public void WriteFlags(int number, Uid uid, MessageFlags flags, string[]? keywords, ModSeq modSeq, bool withUid)
    {
        TellKeywords(keywords);
        BeginFetch(number, uid.Value);
        if (withUid && !UidOnly)
        {
            Out.Raw("UID "u8).Number(uid.Value).Space();
        }

        ImapFlags.Write(Out, flags, keywords);
        if (CondStore)
        {
            Out.Raw(" MODSEQ ("u8).Number(modSeq.Value).Byte((byte)')');
        }

        Out.Raw(")\r\n"u8);
    }

    private async ValueTask TellChangedAsync(SelectedMailbox box, IReadOnlyList<MessageRow> rows, CancellationToken ct)
    {
        var before = box.View.Count;
        var next = box.View.UidNext;
        foreach (var row in rows)
        {
            if (row.Uid.Value >= next)
            {
                box.View.Add(row.Uid.Value);
            }
        }

        if (box.View.Count != before)
        {
            Out.Raw("* "u8).Number(box.View.Count).Raw(" EXISTS\r\n"u8);
            if (!Rev2)
            {
                Out.Raw("* 0 RECENT\r\n"u8);
            }
        }

        foreach (var row in rows)
        {
            if (row.Uid.Value >= next)
            {
                continue;
            }

            await box.EnsureUidAsync(row.Uid.Value, ct);
            var number = box.View.SeqOf(row.Uid.Value);
            if (number > 0)
            {
                WriteFlags(number, row.Uid, box.FlagsOf(row), row.Keywords, row.ModSeq, withUid: true);
                await FlushIfLargeAsync(ct);
            }
        }
    }

    private ValueTask TellNewsAsync(CommandInfo command, ImapResult result, CancellationToken ct)
    {
        if (Selected is not { } box || result.Status == ImapStatus.Bad || result.After == ImapAfter.Close || !(command.Polls || box.HasNews))
        {
            return ValueTask.CompletedTask;
        }

        return TellNewsAsync(mayExpunge: UseUid || command.Sequences == SequenceUse.None, ct);
    }
}
