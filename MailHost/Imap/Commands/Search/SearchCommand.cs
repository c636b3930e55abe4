using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>SEARCH: exact substrings. Flags, dates, sizes and numbers are answered by the node's index, parsed headers by the database.</summary>
/// <remarks>RFC 9051 §6.4.4; ESEARCH RFC 4731, SEARCHRES RFC 5182, WITHIN RFC 5032, MODSEQ RFC 7162 §3.1.5.</remarks>
internal sealed class SearchCommand(MailboxReader reader, MessageStore store, MailboxIndexCache indexes, ISearchIndex texts)
    : ImapCommand<SearchCommand.Args>
{
    [Flags]
    internal enum Returns
    {
        /// <summary>The plain SEARCH response.</summary>
        None = 0,
        Min = 1,
        Max = 2,
        All = 4,
        Count = 8,
        Save = 16,
        /// <summary>RETURN was there.</summary>
        Extended = 32,
    }

    internal sealed record Args(Returns Returns, SearchKey Key, bool TellModSeq);

    private readonly TextScan _scan = new(reader, store, texts);

    public override CommandInfo Info { get; } = new("SEARCH")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
        Capabilities = ["ESEARCH", "SEARCHRES", "WITHIN"],
    };

    // search = "SEARCH" [search-return-opts] SP search-program;  search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var returns = Returns.None;
        if (r.TryKeyword("RETURN"u8))
        {
            r.Space();
            returns = ParseReturns(ref r);
            r.Space();
        }

        if (r.TryKeyword("CHARSET"u8))
        {
            r.Space();
            var charset = r.AString();
            if (!charset.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("US-ASCII", StringComparison.OrdinalIgnoreCase))
            {
                throw new ImapSyntaxException("Unknown charset.", "BADCHARSET (US-ASCII UTF-8)") { IsRefusal = true };
            }

            r.Space();
        }

        var parser = new SearchParser(s.Server.Clock.GetUtcNow());
        var key = parser.Program(ref r);
        var modSeq = HasModSeq(key);
        s.CondStore |= modSeq;
        return new Args(returns, key, modSeq);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        if (a.Returns.HasFlag(Returns.Save))
        {
            // Should it fail, nothing is saved (RFC 5182 §2.1); "$" in this search still means the old result.
            foreach (var numbers in a.Key.NumberSets.Where(n => n.Set.IsSaved))
            {
                numbers.Ranges = box.SavedResult;
            }
        }

        foreach (var numbers in a.Key.NumberSets)
        {
            numbers.Ranges = await box.ResolveAsync(numbers.Set, numbers.IsUid, ct);
        }

        if (a.Returns.HasFlag(Returns.Save))
        {
            box.SavedResult = [];
        }

        var index = await indexes.GetAsync(s.Account, box.Id, ct);
        var (found, highest) = await FindAsync(s, box, index, a.Key, ct);
        if (!s.UseUid && found.Count > 0)
        {
            await box.EnsureUidAsync(found[0], ct);
        }

        Tell(s, box, a, found, highest);
        return ImapResult.Ok;
    }

    private async ValueTask<(List<uint> Uids, long HighestModSeq)> FindAsync(
        ImapSession s, SelectedMailbox box, MailboxIndex index, SearchKey key, CancellationToken ct)
    {
        // What the index can rule out need not be looked up.
        SearchKey first = key.IsNarrow ? key
            : key is SearchKey.And and ? new SearchKey.And([.. and.Keys.Where(k => k.IsNarrow)])
            : new SearchKey.All();
        var (candidates, highest) = Filter(index, box.View.UidNext, first, among: null);
        if (key.IsNarrow || candidates.Count == 0)
        {
            return (candidates, highest);
        }

        var among = candidates.Count < index.Count / 2 ? candidates : null;

        // The dear ones last, and only for what is left of the candidates.
        var rest = candidates;
        foreach (var wide in key.WideKeys.OrderBy(k => k is not SearchKey.Column))
        {
            wide.Found = wide switch
            {
                SearchKey.Column c => [.. await reader.FindAsync(s.Account, box.Id, c.Condition, among, ct)],
                SearchKey.Header h => await _scan.HeaderAsync(s.Account, box.Id, h, rest, ct),
                SearchKey.Text t => await _scan.TextAsync(s.Account, box.Id, t, rest, all: rest.Count >= index.Count / 2, ct),
                _ => throw new InvalidOperationException(),
            };
            if (key is SearchKey.And all && all.Keys.Contains(wide))
            {
                rest = rest.FindAll(wide.Found.Contains);
            }
        }

        return Filter(index, box.View.UidNext, key, candidates);
    }

    private static (List<uint>, long) Filter(MailboxIndex index, uint below, SearchKey key, List<uint>? among)
    {
        var found = new List<uint>();
        var highest = 0L;
        var next = 0;
        foreach (var b in index.Blocks)
        {
            for (var i = 0; i < b.Count && b.Uids[i] < below; i++)
            {
                if (among is not null)
                {
                    while (next < among.Count && among[next] < b.Uids[i])
                    {
                        next++;
                    }

                    if (next == among.Count || among[next] != b.Uids[i])
                    {
                        continue;
                    }
                }

                if (key.Matches(new Candidate(b.Uids[i], (MessageFlags)b.Flags[i], b.Keywords?[i], b.Sizes[i], b.Dates[i], b.ModSeqs[i])))
                {
                    found.Add(b.Uids[i]);
                    highest = Math.Max(highest, b.ModSeqs[i]);
                }
            }
        }

        return (found, highest);
    }

    private static void Tell(ImapSession s, SelectedMailbox box, Args a, List<uint> uids, long highest)
    {
        // Message numbers of those that the client knows; UIDs as they are.
        var numbers = s.UseUid ? uids : uids.Select(u => (uint)box.View.SeqOf(u)).Where(n => n > 0).ToList();
        var extended = a.Returns != Returns.None || s.Rev2;
        var returns = a.Returns == Returns.None || a.Returns == Returns.Extended ? Returns.All : a.Returns;
        if (a.Returns.HasFlag(Returns.Save))
        {
            box.SavedResult = Saved(uids, returns);
            if ((returns & (Returns.Min | Returns.Max | Returns.All | Returns.Count)) == 0)
            {
                // Only SAVE: no response (RFC 5182 §2.1).
                return;
            }
        }

        var w = s.Out;
        if (!extended)
        {
            w.Raw("* SEARCH"u8);
            foreach (var n in numbers)
            {
                w.Space().Number(n);
            }

            if (a.TellModSeq && numbers.Count > 0)
            {
                w.Raw(" (MODSEQ "u8).Number(highest).Byte((byte)')');
            }

            w.Line();
            return;
        }

        w.Raw("* ESEARCH (TAG \""u8).Raw(s.Tag).Raw("\")"u8);
        if (s.UseUid)
        {
            w.Raw(" UID"u8);
        }

        if (numbers.Count > 0)
        {
            if (returns.HasFlag(Returns.Min))
            {
                w.Raw(" MIN "u8).Number(numbers[0]);
            }

            if (returns.HasFlag(Returns.Max))
            {
                w.Raw(" MAX "u8).Number(numbers[^1]);
            }

            if (returns.HasFlag(Returns.All))
            {
                w.Raw(" ALL "u8).Raw(NumberRange.Format(NumberRange.FromAscending(numbers)));
            }
        }

        if (returns.HasFlag(Returns.Count))
        {
            w.Raw(" COUNT "u8).Number(numbers.Count);
        }

        if (a.TellModSeq && numbers.Count > 0)
        {
            w.Raw(" MODSEQ "u8).Number(highest);
        }

        w.Line();
    }

    // Only MIN and MAX asked for: only they are saved (RFC 5182 §2.4).
    private static List<NumberRange> Saved(List<uint> uids, Returns returns) =>
        uids.Count == 0 ? []
        : (returns & (Returns.All | Returns.Count)) != 0 || (returns & (Returns.Min | Returns.Max)) == 0 ? NumberRange.FromAscending(uids)
        : NumberRange.Merge(
            [
                .. returns.HasFlag(Returns.Min) ? [new NumberRange(uids[0], uids[0])] : (NumberRange[])[],
                .. returns.HasFlag(Returns.Max) ? [new NumberRange(uids[^1], uids[^1])] : (NumberRange[])[],
            ]);

    // search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
    private static Returns ParseReturns(ref ImapReader r)
    {
        var returns = Returns.Extended;
        r.Open();
        while (!r.TryClose())
        {
            r.TrySpace();
            returns |= r.Keyword() switch
            {
                "MIN" => Returns.Min,
                "MAX" => Returns.Max,
                "ALL" => Returns.All,
                "COUNT" => Returns.Count,
                "SAVE" => Returns.Save,
                _ => throw new ImapSyntaxException("Unknown return option."),
            };
        }

        return returns;
    }

    private static bool HasModSeq(SearchKey key) => key switch
    {
        SearchKey.ModSeq => true,
        SearchKey.Not n => HasModSeq(n.Key),
        SearchKey.Or o => HasModSeq(o.A) || HasModSeq(o.B),
        SearchKey.And a => a.Keys.Any(HasModSeq),
        _ => false,
    };
}
