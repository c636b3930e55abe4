using System.Buffers.Text;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>FLAGS, UID, MODSEQ, INTERNALDATE and RFC822.SIZE of many messages, from the node's index straight into the socket's buffer.</summary>
internal static class NarrowFetch
{
    private const int MaxLine = 256;

    /// <returns>How many were there.</returns>
    public static async ValueTask<long> WriteAsync(
        ImapSession s,
        MailboxIndex index,
        IEnumerable<(uint First, uint Last, int Seq)> runs,
        IReadOnlyList<FetchItem> items,
        long changedSince,
        CancellationToken ct)
    {
        var flags = items.Any(i => i.Kind == FetchKind.Flags);
        var told = 0L;
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
                var at = b.Find(first);
                while (at < b.Count && b.Uids[at] <= last)
                {
                    // At most 64 messages between looks at the fill level.
                    var stop = Math.Min(b.Count, at + 64);
                    for (var i = at; flags && b.Keywords is not null && i < stop; i++)
                    {
                        s.TellKeywords(b.Keywords[i]);
                    }

                    told += Write(s.Out, b, ref at, stop, last, first, seq, items, changedSince);
                    if (s.Out.WantsFlush)
                    {
                        await s.FlushAsync(ct);
                    }
                }

                if (b.Count > 0 && b.Uids[b.Count - 1] > last)
                {
                    break;
                }
            }
        }

        return told;
    }

    private static int Write(
        ImapWriter w, MailboxIndex.Block b, ref int at, int stop, uint last, uint first, int seq, IReadOnlyList<FetchItem> items, long changedSince)
    {
        var told = 0;
        for (; at < stop && b.Uids[at] <= last; at++)
        {
            told++;
            if (b.ModSeqs[at] <= changedSince)
            {
                continue;
            }

            var uid = b.Uids[at];
            var span = w.Reserve(MaxLine);
            "* "u8.CopyTo(span);
            var n = 2;
            n += Format(span[n..], seq + (long)(uid - first));
            " FETCH ("u8.CopyTo(span[n..]);
            n += 8;
            for (var i = 0; i < items.Count; i++)
            {
                if (i > 0)
                {
                    span[n++] = (byte)' ';
                }

                switch (items[i].Kind)
                {
                    case FetchKind.Uid:
                        "UID "u8.CopyTo(span[n..]);
                        n += 4;
                        n += Format(span[n..], uid);
                        break;
                    case FetchKind.Size:
                        "RFC822.SIZE "u8.CopyTo(span[n..]);
                        n += 12;
                        n += Format(span[n..], b.Sizes[at]);
                        break;
                    case FetchKind.ModSeq:
                        "MODSEQ ("u8.CopyTo(span[n..]);
                        n += 8;
                        n += Format(span[n..], b.ModSeqs[at]);
                        span[n++] = (byte)')';
                        break;
                    case FetchKind.Flags when b.Keywords is null || b.Keywords[at] is null:
                        "FLAGS ("u8.CopyTo(span[n..]);
                        n += 7;
                        var flags = ImapFlags.Render((MessageFlags)b.Flags[at]);
                        flags.CopyTo(span[n..]);
                        n += flags.Length;
                        span[n++] = (byte)')';
                        break;
                    case FetchKind.Flags:
                        w.Advance(n);
                        ImapFlags.Write(w, (MessageFlags)b.Flags[at], b.Keywords![at]);
                        span = w.Reserve(MaxLine);
                        n = 0;
                        break;
                    default:
                        w.Advance(n);
                        w.Raw("INTERNALDATE "u8).DateTime(b.Dates[at]);
                        span = w.Reserve(MaxLine);
                        n = 0;
                        break;
                }
            }

            ")\r\n"u8.CopyTo(span[n..]);
            w.Advance(n + 3);
        }

        return told;
    }

    private static int Format(Span<byte> span, long n)
    {
        Utf8Formatter.TryFormat(n, span, out var written);
        return written;
    }
}
