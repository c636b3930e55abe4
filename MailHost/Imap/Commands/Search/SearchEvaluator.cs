using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>A message that a search found.</summary>
internal readonly record struct Found(uint Uid, long Content, int Size, long Date, long ModSeq);

/// <summary>Hears how far a long search is.</summary>
internal delegate ValueTask SearchProgressTeller(long done, long goal, CancellationToken ct);

/// <summary>Finds the messages of a mailbox that a key matches: SEARCH, and whatever else selects messages by keys.</summary>
internal sealed class SearchEvaluator(MailboxReader reader, MessageStore store, ISearchIndex texts, SearchBlocks blocks)
{
    private readonly TextSearch _texts = new(reader, store, texts, blocks);

    /// <summary>In ascending order of UID.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="mailbox">Which.</param>
    /// <param name="index">The mailbox as the node knows it.</param>
    /// <param name="below">UIDs from here on are not looked at: the client does not know them.</param>
    /// <param name="key">Its number sets are resolved.</param>
    /// <param name="progress">Told now and then how many of how many it has looked at.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<List<Found>> FindAsync(
        AccountId account, MailboxId mailbox, MailboxIndex index, uint below, SearchKey key, SearchProgressTeller progress, CancellationToken ct)
    {
        // What the index can rule out need not be looked up.
        SearchKey first = key.IsNarrow ? key
            : key is SearchKey.And and ? new SearchKey.And([.. and.Keys.Where(k => k.IsNarrow)])
            : new SearchKey.All();
        var candidates = Filter(index, below, first, among: null);
        if (key.IsNarrow || candidates.Count == 0)
        {
            return candidates;
        }

        // The dear ones last, and only for what is left of the candidates.
        var rest = candidates;
        foreach (var wide in key.WideKeys.OrderBy(Cost))
        {
            wide.Found = wide is SearchKey.Column c
                ? [.. await reader.FindAsync(account, mailbox, c.Condition, rest.Count < index.Count / 2 ? rest.ConvertAll(f => f.Uid) : null, ct)]
                : await _texts.FindAsync(account, wide, rest, progress, ct);
            if (key == wide || (key is SearchKey.And all && all.Keys.Contains(wide)))
            {
                rest = rest.FindAll(f => wide.Found.Contains(f.Uid));
            }
        }

        return Filter(index, below, key, candidates);
    }

    private static int Cost(SearchKey.Wide key) => key switch
    {
        SearchKey.Envelope => 0,
        SearchKey.Column => 1,
        SearchKey.Header => 2,
        _ => 3,
    };

    private static List<Found> Filter(MailboxIndex index, uint below, SearchKey key, List<Found>? among)
    {
        var found = new List<Found>();
        var next = 0;
        foreach (var b in index.Blocks)
        {
            for (var i = 0; i < b.Count && b.Uids[i] < below; i++)
            {
                if (among is not null)
                {
                    while (next < among.Count && among[next].Uid < b.Uids[i])
                    {
                        next++;
                    }

                    if (next == among.Count || among[next].Uid != b.Uids[i])
                    {
                        continue;
                    }
                }

                if (key.Matches(new Candidate(b.Uids[i], (MessageFlags)b.Flags[i], b.Keywords?[i], b.Sizes[i], b.Dates[i], b.ModSeqs[i])))
                {
                    found.Add(new Found(b.Uids[i], b.Contents[i], b.Sizes[i], b.Dates[i], b.ModSeqs[i]));
                }
            }
        }

        return found;
    }
}
