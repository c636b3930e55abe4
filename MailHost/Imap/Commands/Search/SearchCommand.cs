using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>SEARCH: exact substrings. Flags, dates, sizes and numbers are answered by the node's index, texts by SearchEvaluator.</summary>
/// <remarks>
/// RFC 9051 §6.4.4; ESEARCH RFC 4731, SEARCHRES RFC 5182, WITHIN RFC 5032, MODSEQ RFC 7162 §3.1.5, PARTIAL RFC 9394;
/// texts compare as RFC 5255 §4.4 asks of I18NLEVEL=1.
/// </remarks>
internal sealed class SearchCommand(MailboxIndexCache indexes, SearchEvaluator evaluator) : ImapCommand<SearchCommand.Args>
{
    /// <param name="Return">Null: RETURN was not there.</param>
    internal sealed record Args(SearchReturn? Return, SearchKey Key, bool TellModSeq);

    public override CommandInfo Info { get; } = new("SEARCH")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
        Capabilities = ["ESEARCH", "SEARCHRES", "WITHIN", "PARTIAL", "I18NLEVEL=1", "INPROGRESS"],
    };

    // search = "SEARCH" [search-return-opts] SP search-program
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        SearchReturn? returns = null;
        if (r.TryKeyword("RETURN"u8))
        {
            r.Space();
            returns = SearchReturn.Parse(ref r);
            r.Space();
        }

        ParseCharset(ref r, s, required: false);
        var key = ParseProgram(ref r, s);
        var modSeq = key.HasModSeq;
        s.CondStore |= modSeq;
        return new Args(returns, key, modSeq);
    }

    // search-program = ["CHARSET" SP charset SP] search-key *(SP search-key); of SORT and THREAD: search-criteria = charset 1*(SP search-key)
    public static void ParseCharset(ref ImapReader r, ImapSession s, bool required)
    {
        if (!required && !r.TryKeyword("CHARSET"u8))
        {
            return;
        }

        if (!required)
        {
            r.Space();
        }

        // RFC 6855 §3: who speaks UTF-8 names no charset.
        if (!required && s.Utf8Accepted)
        {
            ImapReader.Fail("CHARSET is not for UTF8=ACCEPT.");
        }

        var charset = r.AString();
        if (!charset.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("US-ASCII", StringComparison.OrdinalIgnoreCase))
        {
            throw new ImapSyntaxException("Unknown charset.", "BADCHARSET (US-ASCII UTF-8)") { IsRefusal = true };
        }

        r.Space();
    }

    public static SearchKey ParseProgram(ref ImapReader r, ImapSession s)
    {
        var parser = new SearchParser(s.Server.Clock.GetUtcNow());
        var key = parser.Program(ref r);
        if (s.UidOnly && key.NumberSets.Any(n => !n.IsUid && !n.Set.IsSaved))
        {
            // RFC 9586 §3.1
            throw new ImapSyntaxException("Message numbers are off.", "UIDREQUIRED");
        }

        return key;
    }

    /// <summary>Numbers and "$" as UIDs of the selected mailbox.</summary>
    public static async ValueTask ResolveAsync(SelectedMailbox box, SearchKey key, CancellationToken ct)
    {
        foreach (var numbers in key.NumberSets)
        {
            numbers.Ranges = await box.ResolveAsync(numbers.Set, numbers.IsUid, ct);
        }
    }

    /// <summary>What of the selected mailbox the key matches, ascending by UID.</summary>
    public static async ValueTask<List<Found>> FindAsync(
        ImapSession s, MailboxIndexCache indexes, SearchEvaluator evaluator, SearchKey key, CancellationToken ct)
    {
        var box = s.Mailbox;
        await ResolveAsync(box, key, ct);
        var index = await box.IndexAsync(indexes, ct);
        var found = await evaluator.FindAsync(box.Account, box.Id, index, box.View.UidNext, key, s.TellProgressAsync, ct);
        if (!s.UseUid && found.Count > 0)
        {
            await box.EnsureUidAsync(found[0].Uid, ct);
        }

        return found;
    }

    /// <summary>Message numbers of those that the client knows; UIDs as they are.</summary>
    public static List<uint> Numbers(ImapSession s, List<uint> uids) =>
        s.UseUid ? uids : [.. uids.Select(u => (uint)s.Mailbox.View.SeqOf(u)).Where(n => n > 0)];

    /// <summary>"* ESEARCH (TAG "a") UID MIN 1 ALL 1:3".</summary>
    public static void WriteExtended(ImapSession s, SearchReturn returns, List<uint> numbers, long? modSeq)
    {
        var w = s.Out;
        w.Raw("* ESEARCH (TAG \""u8).Raw(s.Tag).Raw("\")"u8);
        if (s.UseUid)
        {
            w.Raw(" UID"u8);
        }

        returns.Write(w, numbers);
        if (modSeq is { } highest && numbers.Count > 0)
        {
            w.Raw(" MODSEQ "u8).Number(highest);
        }

        w.Line();
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var box = s.Mailbox;
        List<Found> found;
        if (a.Return is { Save: true })
        {
            // Should it fail, nothing is saved (RFC 5182 §2.1); "$" in this search still means the old result.
            await ResolveAsync(box, a.Key, ct);
            box.SavedResult = [];
        }

        found = await FindAsync(s, indexes, evaluator, a.Key, ct);
        var uids = found.ConvertAll(f => f.Uid);
        if (a.Return is { Save: true })
        {
            box.SavedResult = a.Return.Saved(uids);
            if (!a.Return.Tells)
            {
                // Only SAVE: no response (RFC 5182 §2.1).
                return ImapResult.Ok;
            }
        }

        var highest = a.TellModSeq && found.Count > 0 ? found.Max(f => f.ModSeq) : (long?)null;
        var numbers = Numbers(s, uids);
        if (a.Return is null && !s.Rev2)
        {
            s.Out.Raw("* SEARCH"u8);
            foreach (var n in numbers)
            {
                s.Out.Space().Number(n);
            }

            if (highest is { } modSeq && numbers.Count > 0)
            {
                s.Out.Raw(" (MODSEQ "u8).Number(modSeq).Byte((byte)')');
            }

            s.Out.Line();
            return ImapResult.Ok;
        }

        WriteExtended(s, a.Return ?? SearchReturn.Default, numbers, highest);
        return ImapResult.Ok;
    }
}
