using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>ESEARCH: one search in several mailboxes; always by UID, a mailbox without a hit is not told.</summary>
/// <remarks>RFC 7377 §2. Without IN it is the selected mailbox.</remarks>
internal sealed class ESearchCommand(MailboxIndexCache indexes, SearchEvaluator evaluator)
    : ImapCommand<ESearchCommand.Args>
{
    private const int MaxFilters = 20;

    internal sealed record Args(IReadOnlyList<MailboxFilter> In, SearchReturn Return, SearchKey Key, bool TellModSeq);

    public override CommandInfo Info { get; } = new("ESEARCH") { States = ImapStates.SignedIn, Capabilities = ["MULTISEARCH"] };

    // esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
    // esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")";  source-mbox = filter-mailboxes *(SP filter-mailboxes)
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var filters = new List<MailboxFilter>();
        if (r.TryKeyword("IN"u8))
        {
            r.Space();
            r.Open();
            do
            {
                filters.Add(MailboxFilter.Parse(ref r, s));
                if (filters.Count > MaxFilters)
                {
                    ImapReader.Fail("Too many sources.");
                }
            }
            while (r.TrySpace());
            r.Close();
            r.Space();
        }

        var returns = SearchReturn.Default;
        if (r.TryKeyword("RETURN"u8))
        {
            r.Space();
            returns = SearchReturn.Parse(ref r);
            r.Space();
        }

        SearchCommand.ParseCharset(ref r, s, required: false);
        var key = SearchCommand.ParseProgram(ref r, s);
        var onlySelected = filters.TrueForAll(f => f.IsSelected);
        if (onlySelected && s.Selected is null)
        {
            ImapReader.Fail("No mailbox is selected.");
        }

        // RFC 7377 §2.1: message numbers, "$" and SAVE are of the selected mailbox alone.
        if (!onlySelected && (returns.Save || key.NumberSets.Any(n => n.Set.IsSaved || !n.IsUid)))
        {
            ImapReader.Fail("Message numbers and SAVE are for the selected mailbox only.");
        }

        s.CondStore |= key.HasModSeq;
        return new Args(filters, returns, key, key.HasModSeq);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (a.In.Count == 0 || a.In.Any(f => f.IsSelected))
        {
            await InSelectedAsync(s, a, ct);
        }

        if (a.In.Any(f => !f.IsSelected))
        {
            foreach (var place in await s.ListAsync(a.In.Any(f => f.ReachesOthers), ct))
            {
                // Told as the selected one already.
                var isSelected = s.Selected is { } box && box.Account == place.Account && box.Id == place.Mailbox.Id;
                if (place.Rights.Has(MailboxRights.Read) && a.In.Any(f => f.Matches(place)) && !(isSelected && a.In.Any(f => f.IsSelected)))
                {
                    await InOtherAsync(s, a, place, ct);
                    await s.FlushIfLargeAsync(ct);
                }
            }
        }

        return ImapResult.Ok;
    }

    private async ValueTask InSelectedAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (s.Selected is not { } box)
        {
            return;
        }

        await SearchCommand.ResolveAsync(box, a.Key, ct);
        if (a.Return.Save)
        {
            box.SavedResult = [];
        }

        var index = await box.IndexAsync(indexes, ct);
        var found = await evaluator.FindAsync(box.Account, box.Id, index, box.View.UidNext, a.Key, s.TellProgressAsync, ct);
        if (a.Return.Save)
        {
            box.SavedResult = a.Return.Saved(found.ConvertAll(f => f.Uid));
        }

        Tell(s, a, box.Name, box.UidValidity, found);
    }

    private async ValueTask InOtherAsync(ImapSession s, Args a, Place place, CancellationToken ct)
    {
        var mailbox = place.Mailbox;
        if (mailbox.Total == 0)
        {
            return;
        }

        var index = await s.IndexAsync(indexes, place, ct);
        foreach (var numbers in a.Key.NumberSets)
        {
            numbers.Ranges = numbers.Set.Resolve(index.HighestUid);
        }

        var found = await evaluator.FindAsync(place.Account, mailbox.Id, index, uint.MaxValue, a.Key, s.TellProgressAsync, ct);
        Tell(s, a, mailbox.Name, mailbox.UidValidity, found);
    }

    private static void Tell(ImapSession s, Args a, string name, long uidValidity, List<Found> found)
    {
        if (found.Count == 0 || !a.Return.Tells)
        {
            return;
        }

        s.Out.Raw("* ESEARCH (TAG \""u8).Raw(s.Tag).Raw("\" MAILBOX "u8).Mailbox(name).Raw(" UIDVALIDITY "u8).Number(uidValidity).Raw(") UID"u8);
        a.Return.Write(s.Out, found.ConvertAll(f => f.Uid));
        if (a.TellModSeq)
        {
            s.Out.Raw(" MODSEQ "u8).Number(found.Max(f => f.ModSeq));
        }

        s.Out.Line();
    }
}
