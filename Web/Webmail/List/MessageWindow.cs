using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.List;

/// <summary>
/// The rows of one folder or search, read page by page as the list scrolls. Only pages near the eye are kept, so a
/// folder of a hundred thousand messages costs what a screenful costs.
/// </summary>
public sealed class MessageWindow(
    JmapClient jmap, EmailFilter filter, bool conversations, bool outgoing, bool snippets, int? estimate = null, bool scheduled = false)
{
    public const int PageSize = 50;
    private const int MostPages = 12;
    private readonly Dictionary<int, IReadOnlyList<MessageRow>> _pages = [];
    private readonly LinkedList<int> _recent = new();
    private int _generation;

    public EmailFilter Filter => filter;

    /// <summary>How many rows there are, or about how many until <see cref="CountAsync"/>; null until the first page came.</summary>
    public int? Total { get; private set; }

    /// <summary>True once the total is the server's word.</summary>
    public bool Counted { get; private set; }

    /// <summary>The first page does not wait for the server to count: this asks, once the page is on the screen. True where the total changed.</summary>
    public async Task<bool> CountAsync(CancellationToken cancel)
    {
        if (Counted || Total is null)
        {
            return false;
        }

        var found = await jmap.QueryAsync<Email>(
            filter, [Comparator.NewestFirst], new QueryPage(0, 0, CalculateTotal: true), conversations ? true : null, cancel);
        var changed = found.Total is { } total && total != Total;
        (Total, Counted) = (found.Total ?? Total, true);
        return changed;
    }

    public IEnumerable<MessageRow> Known => _pages.OrderBy(p => p.Key).SelectMany(p => p.Value);

    public MessageRow? At(int index) =>
        _pages.GetValueOrDefault(index / PageSize) is { } page && index % PageSize < page.Count ? page[index % PageSize] : null;

    public int IndexOf(Func<MessageRow, bool> wanted)
    {
        foreach (var (number, page) in _pages.OrderBy(p => p.Key))
        {
            for (var i = 0; i < page.Count; i++)
            {
                if (wanted(page[i]))
                {
                    return (number * PageSize) + i;
                }
            }
        }

        return -1;
    }

    /// <summary>Rows [start, start+count); reads what is missing.</summary>
    public async Task<IReadOnlyList<MessageRow>> RowsAsync(int start, int count, CancellationToken cancel)
    {
        var rows = new List<MessageRow>(count);
        for (var number = start / PageSize; number * PageSize < start + count && (Total is null || number * PageSize < Math.Max(1, Total.Value)); number++)
        {
            if (!_pages.TryGetValue(number, out var page))
            {
                page = await ReadAsync(number, cancel);
            }

            Touch(number);
            var first = Math.Max(start - (number * PageSize), 0);
            rows.AddRange(page.Skip(first).Take(Math.Min(PageSize, start + count - (number * PageSize)) - first));
        }

        return rows;
    }

    /// <summary>Forgets all; the pages around the given row are read anew before the old ones go, so that nothing flickers.</summary>
    public async Task RefreshAsync(int start, int count, CancellationToken cancel)
    {
        var generation = ++_generation;
        var first = start / PageSize;
        var last = (start + Math.Max(count, 1) - 1) / PageSize;
        var read = await Task.WhenAll(Enumerable.Range(first, Math.Min(last - first + 1, 3)).Select(async n => (Number: n, Rows: await FetchAsync(n, cancel))));
        var fresh = read.Where(p => p.Number == first || p.Rows.Count > 0).ToDictionary(p => p.Number, p => p.Rows);
        if (generation != _generation)
        {
            return; // a later refresh has overtaken this one
        }

        _pages.Clear();
        _recent.Clear();
        foreach (var (number, page) in fresh)
        {
            _pages[number] = page;
            Touch(number);
        }
    }

    /// <summary>Shows a change at once; the server's word replaces it with the next read.</summary>
    public void Change(Func<MessageRow, bool> which, Func<MessageRow, MessageRow> how)
    {
        foreach (var number in _pages.Keys.ToList())
        {
            _pages[number] = [.. _pages[number].Select(r => which(r) ? how(r) : r)];
        }
    }

    /// <summary>Takes rows away at once; the pages behind move up by reading them again when needed.</summary>
    public void Remove(IReadOnlySet<string> ids)
    {
        var all = Known.ToList();
        var contiguous = _pages.Keys.Order().Select((n, i) => n == i).All(x => x);
        var removed = all.Count(r => ids.Contains(r.Id));
        if (removed == 0)
        {
            return;
        }

        if (contiguous)
        {
            var kept = all.Where(r => !ids.Contains(r.Id)).ToList();
            _pages.Clear();
            _recent.Clear();
            for (var number = 0; number * PageSize < kept.Count; number++)
            {
                var page = kept.Skip(number * PageSize).Take(PageSize).ToList();
                if (page.Count == PageSize || (Total - removed) <= (number * PageSize) + page.Count)
                {
                    _pages[number] = page;
                    Touch(number);
                }
            }
        }

        Total = Math.Max(0, (Total ?? 0) - removed);
    }

    private async Task<IReadOnlyList<MessageRow>> ReadAsync(int number, CancellationToken cancel)
    {
        var generation = _generation;
        var page = await FetchAsync(number, cancel);
        if (generation == _generation)
        {
            _pages[number] = page;
        }

        return page;
    }

    private async Task<IReadOnlyList<MessageRow>> FetchAsync(int number, CancellationToken cancel)
    {
        var batch = await jmap.NewBatchAsync(cancel);
        var query = batch.Query<Email>(
            filter, [Comparator.NewestFirst], new QueryPage(number * PageSize, PageSize, Counted && number == 0 ? true : null), conversations ? true : null);
        var emails = batch.Get<Email>(query.Ids(), Email.ListProperties);
        var threads = conversations ? batch.Get<EmailThread>(emails.Ref("/list/*/threadId")) : null;
        var others = threads is not null
            ? batch.Get<Email>(threads.Ref("/list/*/emailIds"), ["id", "threadId", "keywords", "from", "receivedAt", "mailboxIds"])
            : null;
        await batch.SendAsync(cancel);
        var found = query.Result;
        if (found.Total is { } total)
        {
            Total = total;
        }
        else if (found.Ids.Count < PageSize && (found.Ids.Count > 0 || number == 0))
        {
            // The last page tells the total.
            (Total, Counted) = ((number * PageSize) + found.Ids.Count, true);
        }
        else
        {
            Total = Math.Max(Total ?? estimate ?? 0, ((number + 1) * PageSize) + (Counted ? 0 : 1));
        }

        // A very long conversation can exceed what one call may return; the row then shows its newest email alone.
        var byThread = (others is { Failed: false } ? others.Result.List : []).ToLookup(e => e.ThreadId, StringComparer.Ordinal);
        var sizes = (threads is { Failed: false } ? threads.Result.List : []).ToDictionary(t => t.Id ?? "", t => t.EmailIds.Count, StringComparer.Ordinal);
        var byId = emails.Result.List.ToDictionary(e => e.Id ?? "", StringComparer.Ordinal);
        var waiting = scheduled && found.Ids.Count > 0 ? await SubmissionsAsync(found.Ids, cancel) : null;
        var marks = snippets && found.Ids.Count > 0 ? await SnippetsAsync(found.Ids, cancel) : null;
        return
        [
            .. found.Ids.Where(byId.ContainsKey).Select(id => byId[id]).Select(email =>
            {
                var thread = byThread[email.ThreadId].ToList();
                var row = MessageRow.Of(email, thread, outgoing);
                return row with
                {
                    Count = Math.Max(row.Count, sizes.GetValueOrDefault(email.ThreadId ?? "", 1)),
                    Snippet = marks?.GetValueOrDefault(email.Id ?? ""),
                    Submission = waiting?.GetValueOrDefault(email.Id ?? ""),
                };
            }),
        ];
    }

    /// <summary>The newest submission of each email that waits to be sent.</summary>
    private async Task<Dictionary<string, EmailSubmission>?> SubmissionsAsync(IReadOnlyList<string> ids, CancellationToken cancel)
    {
        var batch = await jmap.NewBatchAsync(cancel);
        var query = batch.Query<EmailSubmission>(new { emailIds = ids }, page: new QueryPage(0, 200));
        var get = batch.Get<EmailSubmission>(query.Ids());
        await batch.SendAsync(cancel);
        return get.Failed ? null : get.Result.List.GroupBy(s => s.EmailId ?? "", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderBy(s => s.UndoStatus == "pending" ? 0 : 1).ThenByDescending(s => s.SendAt).First(), StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, SearchSnippet>?> SnippetsAsync(IReadOnlyList<string> ids, CancellationToken cancel)
    {
        var batch = await jmap.NewBatchAsync(cancel);
        var call = batch.Snippets(filter, JmapIds.Of([.. ids]));
        await batch.SendAsync(cancel);
        return call.Failed ? null : call.Result.List.ToDictionary(s => s.EmailId, StringComparer.Ordinal);
    }

    private void Touch(int number)
    {
        _recent.Remove(number);
        _recent.AddFirst(number);
        while (_recent.Count > MostPages)
        {
            _pages.Remove(_recent.Last!.Value);
            _recent.RemoveLast();
        }
    }
}
