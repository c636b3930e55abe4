using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>SEARCH: exact substrings. Flags, dates, sizes and numbers are answered by the node's index, texts by SearchEvaluator.</summary>
/// <remarks>RFC 9051 §6.4.4; ESEARCH RFC 4731, SEARCHRES RFC 5182, WITHIN RFC 5032, MODSEQ RFC 7162 §3.1.5.</remarks>
internal sealed class SearchCommand(MailboxIndexCache indexes, SearchEvaluator evaluator) : ImapCommand<SearchCommand.Args>
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
        var found = await evaluator.FindAsync(s.Account, box.Id, index, box.View.UidNext, a.Key, ct);
        if (!s.UseUid && found.Count > 0)
        {
            await box.EnsureUidAsync(found[0].Uid, ct);
        }

        Tell(s, box, a, found.ConvertAll(f => f.Uid), found.Count > 0 ? found.Max(f => f.ModSeq) : 0);
        return ImapResult.Ok;
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
