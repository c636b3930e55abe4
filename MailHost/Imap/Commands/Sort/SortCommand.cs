using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Commands.Search;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Sort;

/// <summary>SORT: what a search finds, in the order that the client wants.</summary>
/// <remarks>RFC 5256 §3; DISPLAYFROM and DISPLAYTO RFC 5957, RETURN RFC 5267 §3, PARTIAL RFC 9394. Equal messages stand in the order of the mailbox.</remarks>
internal sealed class SortCommand(MailboxReader reader, MailboxIndexCache indexes, SearchEvaluator evaluator) : ImapCommand<SortCommand.Args>
{
    internal enum Order
    {
        Arrival,
        Cc,
        Date,
        DisplayFrom,
        DisplayTo,
        From,
        Size,
        Subject,
        To,
    }

    internal sealed record Args(SearchReturn? Return, IReadOnlyList<(Order By, bool Reverse)> Orders, SearchKey Key, bool TellModSeq);

    private readonly EnvelopeFacts _facts = new(reader);

    public override CommandInfo Info { get; } = new("SORT")
    {
        States = ImapStates.Selected,
        Sequences = SequenceUse.Numbers,
        AllowsUid = true,
        Capabilities = ["SORT", "SORT=DISPLAY", "ESORT"],
    };

    // sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria
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

        var orders = new List<(Order, bool)>();
        r.Open();
        do
        {
            var name = r.Keyword();
            var reverse = name == "REVERSE";
            if (reverse)
            {
                r.Space();
                name = r.Keyword();
            }

            var order = name switch
            {
                "ARRIVAL" => Order.Arrival,
                "CC" => Order.Cc,
                "DATE" => Order.Date,
                "DISPLAYFROM" => Order.DisplayFrom,
                "DISPLAYTO" => Order.DisplayTo,
                "FROM" => Order.From,
                "SIZE" => Order.Size,
                "SUBJECT" => Order.Subject,
                "TO" => Order.To,
                _ => throw new ImapSyntaxException("Unknown sort key."),
            };

            // Named again it changes nothing.
            if (!orders.Exists(o => o.Item1 == order))
            {
                orders.Add((order, reverse));
            }
        }
        while (r.TrySpace());
        r.Close();
        r.Space();
        SearchCommand.ParseCharset(ref r, s, required: true);
        var key = SearchCommand.ParseProgram(ref r, s);
        s.CondStore |= key.HasModSeq;
        return new Args(returns, orders, key, key.HasModSeq);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (a.Return is { Save: true })
        {
            await SearchCommand.ResolveAsync(s.Mailbox, a.Key, ct);
            s.Mailbox.SavedResult = [];
        }

        var found = await SearchCommand.FindAsync(s, indexes, evaluator, a.Key, ct);
        var parts = a.Orders.Aggregate(EnvelopeParts.None, (all, o) => all | Parts(o.By));
        var messages = await _facts.ReadAsync(s.Mailbox.Account, found, parts, s.TellProgressAsync, ct);
        messages.Sort((x, y) => Compare(x, y, a.Orders));
        var uids = messages.ConvertAll(m => m.Uid);
        if (a.Return is { Save: true })
        {
            s.Mailbox.SavedResult = a.Return.Saved(uids);
            if (!a.Return.Tells)
            {
                return ImapResult.Ok;
            }
        }

        var numbers = SearchCommand.Numbers(s, uids);
        var highest = a.TellModSeq && found.Count > 0 ? found.Max(f => f.ModSeq) : (long?)null;
        if (a.Return is not null)
        {
            SearchCommand.WriteExtended(s, a.Return, numbers, highest);
            return ImapResult.Ok;
        }

        s.Out.Raw("* SORT"u8);
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

    private static EnvelopeParts Parts(Order order) => order switch
    {
        Order.Cc => EnvelopeParts.Cc,
        Order.Date => EnvelopeParts.Date,
        Order.DisplayFrom => EnvelopeParts.DisplayFrom,
        Order.DisplayTo => EnvelopeParts.DisplayTo,
        Order.From => EnvelopeParts.From,
        Order.Subject => EnvelopeParts.Subject,
        Order.To => EnvelopeParts.To,
        _ => EnvelopeParts.None,
    };

    private static int Compare(Sortable x, Sortable y, IReadOnlyList<(Order By, bool Reverse)> orders)
    {
        foreach (var (by, reverse) in orders)
        {
            var sign = by switch
            {
                Order.Arrival => x.Arrival.CompareTo(y.Arrival),
                Order.Cc => string.CompareOrdinal(x.Cc, y.Cc),
                Order.Date => x.Sent.CompareTo(y.Sent),
                Order.DisplayFrom => string.CompareOrdinal(x.DisplayFrom, y.DisplayFrom),
                Order.DisplayTo => string.CompareOrdinal(x.DisplayTo, y.DisplayTo),
                Order.From => string.CompareOrdinal(x.From, y.From),
                Order.Size => x.Size.CompareTo(y.Size),
                Order.Subject => string.CompareOrdinal(x.Subject, y.Subject),
                _ => string.CompareOrdinal(x.To, y.To),
            };
            if (sign != 0)
            {
                return reverse ? -sign : sign;
            }
        }

        return x.Uid.CompareTo(y.Uid);
    }
}
