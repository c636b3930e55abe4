using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Commands.Search;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>FETCH: what is asked for decides what is read. Flags, sizes and dates of many come from the node's index; the rest in pages.</summary>
/// <remarks>
/// RFC 9051 §6.4.5; CHANGEDSINCE and VANISHED RFC 7162 §3.1.4, §3.2.6; BINARY RFC 3516; PARTIAL RFC 9394 §3.2; PREVIEW RFC 8970; SAVEDATE RFC 8514; EMAILID RFC 8474.
/// </remarks>
internal sealed class FetchCommand(MailboxReader reader, MessageStore store, MailboxIndexCache indexes) : ImapCommand<FetchCommand.Args>
{
    /// <summary>Messages above which the index is worth reading.</summary>
    private const int IndexFrom = 256;
    private const int Page = 500;
    /// <summary>Twice as many messages may be held at once, each packed to 128 KB at most.</summary>
    private const int RawPage = 16;

    internal sealed record Args(SequenceSet Set, IReadOnlyList<FetchItem> Items, ModSeq? ChangedSince, bool Vanished, PartialRange? Partial = null);

    public override CommandInfo Info { get; } = new("FETCH")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
        Capabilities = ["BINARY", "PREVIEW", "SAVEDATE"],
    };

    // fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var set = SequenceSet.Parse(ref r);
        r.Space();
        var items = ParseItems(ref r);
        ModSeq? changedSince = null;
        var vanished = false;
        PartialRange? partial = null;
        if (r.TrySpace())
        {
            r.Open();
            do
            {
                switch (r.Keyword())
                {
                    case "CHANGEDSINCE":
                        r.Space();
                        changedSince = new ModSeq(r.Number64());
                        break;
                    case "PARTIAL" when s.UseUid && partial is null:
                        r.Space();
                        partial = PartialRange.Parse(ref r);
                        break;
                    case "VANISHED" when s.QResync && s.UseUid:
                        vanished = true;
                        break;
                    default:
                        ImapReader.Fail("Unknown modifier.");
                        break;
                }
            }
            while (r.TrySpace());
            r.Close();
        }

        if (vanished && changedSince is null)
        {
            ImapReader.Fail("VANISHED needs CHANGEDSINCE.");
        }

        if (changedSince is not null || items.Exists(i => i.Kind == FetchKind.ModSeq))
        {
            s.CondStore = true;
        }

        Ensure(items, s.UseUid && !s.UidOnly, FetchKind.Uid, "UID");
        Ensure(items, changedSince is not null, FetchKind.ModSeq, "MODSEQ");
        return new Args(set, items, changedSince, vanished, partial);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        var ranges = await box.ResolveAsync(a.Set, s.UseUid, ct);
        if (a.Vanished)
        {
            await TellVanishedAsync(s, box, ranges, a.ChangedSince!.Value, ct);
        }

        if (a.Partial is { } partial)
        {
            ranges = NumberRange.FromAscending(partial.Of([.. box.View.UidsWithin(ranges)]));
        }

        var count = box.View.CountWithin(ranges);
        if (count == 0)
        {
            return ImapResult.Ok;
        }

        long told;
        var since = a.ChangedSince?.Value ?? -1;
        var narrow = a.Items.All(i => i.IsNarrow);
        if (s.UidOnly || !a.Items.All(i => i.IsStored && (!box.Rights.Has(MailboxRights.Seen) || !i.SetsSeen)))
        {
            told = await FetchPagesAsync(s, box, ranges, a, ct);
        }
        else if (narrow && count >= IndexFrom)
        {
            var index = await box.IndexAsync(indexes, ct);
            told = await NarrowFetch.WriteAsync(s, index, box.View.Within(ranges), a.Items, since, ct);
        }
        else if (!narrow && box.Seen is null && (count >= IndexFrom || indexes.Held(box.Account, box.Id) is not null))
        {
            told = await StoredFetch.WriteAsync(s, reader, indexes, ranges, a.Items, since, ct);
        }
        else
        {
            told = await FetchPagesAsync(s, box, ranges, a, ct);
        }

        return told < count && a.ChangedSince is null
            ? ImapResult.OkWith("EXPUNGEISSUED", "Some messages are gone.")
            : ImapResult.Ok;
    }

    /// <summary>What NOTIFY wants to be told of messages that are new; leaves \Seen alone (RFC 5465 §5.2).</summary>
    public async ValueTask TellAsync(ImapSession s, uint from, IReadOnlyList<FetchItem> items, CancellationToken ct)
    {
        var all = items.ToList();
        Ensure(all, !s.UidOnly, FetchKind.Uid, "UID");
        var args = new Args(SequenceSet.All, all, null, false);
        await FetchPagesAsync(s, s.Mailbox, [new NumberRange(from, s.Mailbox.View.UidNext - 1)], args, ct, peek: true);
    }

    public static List<FetchItem> ParseItems(ref ImapReader r)
    {
        var look = r;
        var macro = look.Next == '(' ? "" : look.TryKeyword("ALL"u8) ? "ALL" : look.TryKeyword("FAST"u8) ? "FAST" : look.TryKeyword("FULL"u8) ? "FULL" : "";
        if (macro.Length > 0)
        {
            r = look;
            var items = new List<FetchItem>
            {
                new(FetchKind.Flags, "FLAGS"), new(FetchKind.InternalDate, "INTERNALDATE"), new(FetchKind.Size, "RFC822.SIZE"),
            };
            if (macro != "FAST")
            {
                items.Add(new FetchItem(FetchKind.Envelope, "ENVELOPE"));
            }

            if (macro == "FULL")
            {
                items.Add(new FetchItem(FetchKind.Body, "BODY"));
            }

            return items;
        }

        if (!r.TryOpen())
        {
            return [FetchItem.Parse(ref r)];
        }

        var list = new List<FetchItem>();
        do
        {
            var item = FetchItem.Parse(ref r);
            if (list.Count == 200)
            {
                ImapReader.Fail("Too many data items.");
            }

            if (!list.Exists(i => i.Label == item.Label))
            {
                list.Add(item);
            }
        }
        while (r.TrySpace());
        r.Close();
        return list;
    }

    private static void Ensure(List<FetchItem> items, bool wanted, FetchKind kind, string label)
    {
        if (wanted && !items.Exists(i => i.Kind == kind))
        {
            items.Insert(0, new FetchItem(kind, label));
        }
    }

    private async ValueTask<long> FetchPagesAsync(
        ImapSession s, SelectedMailbox box, List<NumberRange> ranges, Args a, CancellationToken ct, bool peek = false)
    {
        var columns = a.Items.Aggregate(ContentColumns.None, (all, item) => all | item.Columns);
        var needsRaw = a.Items.Any(i => i.Kind is FetchKind.Section or FetchKind.Binary or FetchKind.BinarySize && !i.NeedsHeader);
        columns |= needsRaw ? ContentColumns.Raw : 0;
        var setsSeen = !peek && box.Rights.Has(MailboxRights.Seen) && a.Items.Any(i => i.SetsSeen);
        var told = 0L;
        // While one page is written the next is read, except where writing changes what is read.
        using var pages = Pages(box.View.Within(ranges), needsRaw ? RawPage : Page).GetEnumerator();
        var next = pages.MoveNext() ? ReadPageAsync(s, box, pages.Current, columns, ct) : null;
        try
        {
            while (next is not null)
            {
                var messages = await next;
                next = !setsSeen && pages.MoveNext() ? ReadPageAsync(s, box, pages.Current, columns, ct) : null;
                if (a.ChangedSince is { } since)
                {
                    messages.RemoveAll(m => m.Row.ModSeq <= since);
                }

                var seen = setsSeen ? await SetSeenAsync(s, box, messages, ct) : null;
                foreach (var message in messages)
                {
                    var number = box.View.SeqOf(message.Row.Uid.Value);
                    if (number == 0)
                    {
                        continue;
                    }

                    var row = seen?.GetValueOrDefault(message.Row.Uid);
                    var now = row ?? message.Row;
                    await MessageFetch.WriteAsync(s, store, number, message with { Row = now with { Flags = box.FlagsOf(now) } }, a.Items, tellFlags: row is not null, ct);
                    told++;
                    await s.FlushIfLargeAsync(ct);
                }

                next ??= setsSeen && pages.MoveNext() ? ReadPageAsync(s, box, pages.Current, columns, ct) : null;
            }
        }
        finally
        {
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return told;
    }

    private Task<List<ReadMessage>> ReadPageAsync(
        ImapSession s, SelectedMailbox box, List<NumberRange> page, ContentColumns columns, CancellationToken ct) =>
        page is [var only]
            ? reader.ReadAsync(box.Account, box.Id, only.First, only.Last, int.MaxValue, columns, ct)
            : reader.ReadAsync(box.Account, box.Id, Uids(page), columns, ct);

    private async ValueTask<Dictionary<Uid, MessageRow>?> SetSeenAsync(
        ImapSession s, SelectedMailbox box, List<ReadMessage> messages, CancellationToken ct)
    {
        var unseen = messages.Where(m => !box.FlagsOf(m.Row).HasFlag(MessageFlags.Seen)).Select(m => m.Row.Uid).ToList();
        if (unseen.Count == 0)
        {
            return null;
        }

        if (box.Seen is not null)
        {
            var modSeq = await s.ChangeSeenAsync(box.Account, box.Id, unseen, seen: true, ct);
            box.NoteOwn(modSeq);
            await box.ReloadSeenAsync(ct);
            var marked = unseen.ToHashSet();
            return messages.Where(m => marked.Contains(m.Row.Uid)).ToDictionary(m => m.Row.Uid, m => m.Row with { ModSeq = modSeq });
        }

        var changed = await store.ChangeFlagsAsync(
            box.Account, new MessageSelection.ByUid(box.Id, unseen), new FlagChange { Add = MessageFlags.Seen }, ct);
        if (!changed.Ok || changed.Value.Rows.Count == 0)
        {
            return null;
        }

        box.NoteOwn(changed.Value.ModSeq);
        return changed.Value.Rows.ToDictionary(r => r.Uid);
    }

    private async ValueTask TellVanishedAsync(
        ImapSession s, SelectedMailbox box, List<NumberRange> ranges, ModSeq since, CancellationToken ct)
    {
        var changes = await store.MailboxChangesAsync(box.Account, box.Id, since, ct);
        IEnumerable<uint> gone;
        if (changes is not null)
        {
            gone = changes.Vanished.Select(u => u.Value).Where(u => NumberRange.Contains(ranges, u));
        }
        else
        {
            await box.EnsureUidAsync(1, ct);
            gone = ranges.SelectMany(r => Enumerable.Range(0, (int)Math.Min(r.Count, int.MaxValue)).Select(i => r.First + (uint)i))
                .Where(u => box.View.SeqOf(u) == 0);
        }

        var runs = NumberRange.FromAscending(gone.Where(u => u < box.View.UidNext));
        if (runs.Count > 0)
        {
            s.Out.Raw("* VANISHED (EARLIER) "u8).Raw(NumberRange.Format(runs)).Line();
        }
    }

    /// <summary>Cuts what is to be read into pages of about as many messages.</summary>
    private static IEnumerable<List<NumberRange>> Pages(IEnumerable<(uint First, uint Last, int Seq)> runs, int size)
    {
        var page = new List<NumberRange>();
        var room = (long)size;
        foreach (var (first, last, _) in runs)
        {
            for (var at = (long)first; at <= last;)
            {
                var end = Math.Min(last, at + room - 1);
                page.Add(new NumberRange((uint)at, (uint)end));
                room -= end - at + 1;
                at = end + 1;
                if (room == 0)
                {
                    yield return page;
                    page = [];
                    room = size;
                }
            }
        }

        if (page.Count > 0)
        {
            yield return page;
        }
    }

    private static List<uint> Uids(List<NumberRange> page)
    {
        var uids = new List<uint>();
        foreach (var range in page)
        {
            for (var uid = range.First; uid <= range.Last; uid++)
            {
                uids.Add(uid);
            }
        }

        return uids;
    }
}
