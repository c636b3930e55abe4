using System.Text;
using System.Text.Json;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>
/// What was parsed at delivery, of many messages: narrow facts from the node's index, the rest in pages by content, written as it is stored.
/// </summary>
internal static class StoredFetch
{
    /// <summary>Messages of a page: a page is being written while the next is read.</summary>
    private const int Page = 1000;

    /// <summary>A message of a page, and where the index knows it.</summary>
    private readonly record struct Entry(MailboxIndex.Block Block, int At, int Seq)
    {
        public long Content => Block.Contents[At];
    }

    /// <returns>How many were there.</returns>
    public static async ValueTask<long> WriteAsync(
        ImapSession s,
        MailboxReader reader,
        MailboxIndexCache indexes,
        List<NumberRange> ranges,
        IReadOnlyList<FetchItem> items,
        long changedSince,
        CancellationToken ct)
    {
        var box = s.Mailbox;
        var columns = items.Aggregate(ContentColumns.None, (all, item) => all | item.Columns);
        var index = indexes.Held(box.Account, box.Id);
        if (index is not null)
        {
            // The first page is read together with what tells whether the index is current: mostly it is all that was asked for.
            var first = Pages(index).FirstOrDefault() ?? [];
            var (page, highest) = await reader.ReadContentsAsync(box.Account, box.Id, Contents(first), columns, ct);
            using (page)
            {
                if (highest <= index.Through)
                {
                    return await WritePagesAsync(s, items, Pages(index).Skip(1), first, page, e => ReadAsync(reader, box.Account, e, columns, ct), ct);
                }
            }
        }

        index = await indexes.GetAsync(box.Account, box.Id, ct);
        return await WritePagesAsync(s, items, Pages(index), [], null, e => ReadAsync(reader, box.Account, e, columns, ct), ct);

        IEnumerable<Entry[]> Pages(MailboxIndex from) =>
            Entries(from, box.View.Within(ranges)).Where(e => e.Block.ModSeqs[e.At] > changedSince).Chunk(Page);
    }

    private static async ValueTask<long> WritePagesAsync(
        ImapSession s,
        IReadOnlyList<FetchItem> items,
        IEnumerable<Entry[]> pages,
        Entry[] first,
        ContentPage? firstContents,
        Func<Entry[], Task<(Entry[] Entries, ContentPage Contents)>> read,
        CancellationToken ct)
    {
        using var rest = pages.GetEnumerator();
        var next = rest.MoveNext() ? read(rest.Current) : null;
        var told = 0L;
        try
        {
            told += firstContents is null ? 0 : await WritePageAsync(s, items, first, firstContents, ct);
            while (next is not null)
            {
                var (entries, contents) = await next;
                using (contents)
                {
                    next = rest.MoveNext() ? read(rest.Current) : null;
                    told += await WritePageAsync(s, items, entries, contents, ct);
                }
            }
        }
        finally
        {
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (next.IsCompletedSuccessfully)
                {
                    (await next).Contents.Dispose();
                }
            }
        }

        return told;
    }

    private static async ValueTask<long> WritePageAsync(
        ImapSession s, IReadOnlyList<FetchItem> items, Entry[] entries, ContentPage contents, CancellationToken ct)
    {
        var flags = items.Any(i => i.Kind == FetchKind.Flags);
        var told = 0L;
        foreach (var entry in entries)
        {
            if (contents.Find(entry.Content))
            {
                told++;
                if (flags)
                {
                    s.TellKeywords(entry.Block.Keywords?[entry.At]);
                }

                Write(s.Out, entry, contents, items);
                if (s.Out.WantsFlush)
                {
                    await s.FlushAsync(ct);
                }
            }
        }

        return told;
    }

    private static async Task<(Entry[] Entries, ContentPage Contents)> ReadAsync(
        MailboxReader reader, AccountId account, Entry[] entries, ContentColumns columns, CancellationToken ct) =>
        (entries, await reader.ReadContentsAsync(account, Contents(entries), columns, ct));

    /// <summary>Ascending, each once.</summary>
    private static long[] Contents(Entry[] entries)
    {
        var ids = Array.ConvertAll(entries, e => e.Content);
        for (var i = 1; i < ids.Length; i++)
        {
            if (ids[i] <= ids[i - 1])
            {
                // Copies and moves: not in the order of their arrival.
                Array.Sort(ids);
                return [.. ids.Distinct()];
            }
        }

        return ids;
    }

    private static IEnumerable<Entry> Entries(MailboxIndex index, IEnumerable<(uint First, uint Last, int Seq)> runs)
    {
        var block = 0;
        foreach (var (first, last, seq) in runs)
        {
            while (block > 0 && index.Blocks[block - 1].Uids[index.Blocks[block - 1].Count - 1] >= first)
            {
                block--;
            }

            for (; block < index.Blocks.Count && index.Blocks[block].Uids[0] <= last; block++)
            {
                var b = index.Blocks[block];
                for (var at = b.Find(first); at < b.Count && b.Uids[at] <= last; at++)
                {
                    yield return new Entry(b, at, seq + (int)(b.Uids[at] - first));
                }

                if (b.Uids[b.Count - 1] > last)
                {
                    break;
                }
            }
        }
    }

    private static void Write(ImapWriter w, Entry e, ContentPage page, IReadOnlyList<FetchItem> items)
    {
        w.Raw("* "u8).Number(e.Seq).Raw(" FETCH ("u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                w.Space();
            }

            Write(w, e, page, items[i]);
        }

        w.Raw(")\r\n"u8);
    }

    private static void Write(ImapWriter w, Entry e, ContentPage page, FetchItem item)
    {
        var (b, at, _) = e;
        switch (item.Kind)
        {
            case FetchKind.Uid:
                w.Raw("UID "u8).Number(b.Uids[at]);
                return;
            case FetchKind.Flags:
                ImapFlags.Write(w, (MessageFlags)b.Flags[at], b.Keywords?[at]);
                return;
            case FetchKind.ModSeq:
                w.Raw("MODSEQ ("u8).Number(b.ModSeqs[at]).Byte((byte)')');
                return;
            case FetchKind.InternalDate:
                w.Raw("INTERNALDATE "u8).DateTime(b.Dates[at]);
                return;
            case FetchKind.Size:
                w.Raw("RFC822.SIZE "u8).Number(b.Sizes[at]);
                return;
            case FetchKind.Envelope:
                w.Raw("ENVELOPE "u8);
                EnvelopeJson.Write(w, page.Field(ContentColumns.Envelope));
                return;
            case FetchKind.Preview:
                w.Raw("PREVIEW "u8).String(Encoding.UTF8.GetString(page.Field(ContentColumns.Preview)));
                return;
            case FetchKind.Section:
                MessageFetch.WriteHeader(w, item, Zstd.Decompress(page.Field(ContentColumns.Header)));
                return;
            default:
                w.Raw(item.Label).Space();
                StructureWriter.Body(
                    w, JsonSerializer.Deserialize(page.Field(ContentColumns.Structure), MessageJson.Default.BodyPart)!,
                    item.Kind == FetchKind.BodyStructure);
                return;
        }
    }
}
