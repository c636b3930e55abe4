using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.List;

/// <summary>One change to everything that a folder or a search holds: in pieces, with progress, to be stopped, to be undone.</summary>
public sealed class Bulk(JmapClient jmap) : IDisposable
{
    /// <summary>Emails of one call.</summary>
    private const int Piece = 400;

    /// <summary>Emails of one action. Who has more presses again.</summary>
    public const int Most = 200_000;

    private readonly CancellationTokenSource _stop = new();

    public string Title { get; private set; } = "";
    public int Done { get; private set; }
    public int Total { get; private set; }
    public int Percent => Total == 0 ? 0 : (int)(100L * Done / Total);

    /// <summary>Progress was made.</summary>
    public event Action? Changed;

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    /// <summary>Changes all that the filter finds now; gives how to take it back.</summary>
    /// <param name="title">What is being done, for the eye.</param>
    /// <param name="filter">Which emails.</param>
    /// <param name="patch">What is done to each.</param>
    /// <param name="undo">What undoes it, given an email as it was; null where every email is undone by where it was.</param>
    public async Task<Func<Bulk, Task>> ChangeAsync(
        string title, EmailFilter filter, Func<PatchObject, PatchObject> patch, Func<PatchObject, PatchObject>? undo = null)
    {
        var changed = new List<(string Id, string? Mailbox)>();
        await RunAsync(title, await FindAsync(filter), async ids =>
        {
            var batch = await jmap.NewBatchAsync(_stop.Token);
            var before = undo is null ? batch.Get<Email>(JmapIds.Of(ids), ["id", "mailboxIds"]) : null;
            var set = batch.Set<Email>(update: ids.ToDictionary(id => id, _ => patch(new PatchObject()), StringComparer.Ordinal));
            await batch.SendAsync(_stop.Token);

            // What somebody else deleted meanwhile needs no change any more.
            Check(set.Result);
            var at = before?.Result.List.ToDictionary(e => e.Id!, e => e.MailboxId, StringComparer.Ordinal);
            changed.AddRange(ids.Where(id => set.Result.NotUpdated?.ContainsKey(id) != true).Select(id => (id, at?.GetValueOrDefault(id))));
        });
        return again => again.RunAsync("Undoing", [.. changed.Select(c => c.Id)], async ids =>
        {
            var places = changed.Where(c => c.Mailbox is not null).ToDictionary(c => c.Id, c => c.Mailbox!, StringComparer.Ordinal);
            Check(await jmap.SetAsync<Email>(update: ids.ToDictionary(
                id => id,
                id => undo is not null ? undo(new PatchObject()) : new PatchObject().MoveTo(places[id]), StringComparer.Ordinal)));
        });
    }

    /// <summary>Destroys all that the filter finds now, for good.</summary>
    public async Task DestroyAsync(string title, EmailFilter filter) => await RunAsync(title, await FindAsync(filter), async ids =>
        Check(await jmap.SetAsync<Email>(destroy: JmapIds.Of(ids), ct: _stop.Token)));

    private async Task<List<string>> FindAsync(EmailFilter filter)
    {
        var found = new List<string>();
        while (found.Count < Most)
        {
            var page = await jmap.QueryAsync<Email>(filter, [Comparator.NewestFirst], new QueryPage(found.Count, 5000), null, _stop.Token);
            found.AddRange(page.Ids);
            if (page.Ids.Count < 5000)
            {
                break;
            }
        }

        return found;
    }

    private async Task RunAsync(string title, List<string> ids, Func<string[], Task> act)
    {
        (Title, Done, Total) = (title, 0, ids.Count);
        foreach (var part in ids.Chunk(Piece))
        {
            if (_stop.IsCancellationRequested)
            {
                break;
            }

            Changed?.Invoke();
            await act(part);
            Done += part.Length;
        }

        Changed?.Invoke();
    }

    private static void Check(SetResponse<Email> set)
    {
        var error = (set.NotUpdated?.Values ?? []).Concat(set.NotDestroyed?.Values ?? []).FirstOrDefault(e => e.Type != "notFound");
        if (error is not null)
        {
            throw new JmapMethodException("Email/set", error.Type, error.Description);
        }
    }
}
