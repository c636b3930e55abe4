using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail;

/// <summary>What a user does to messages. Every action returns how to take it back.</summary>
public sealed partial class MailSession
{
    private const int SetSize = 200;

    /// <summary>The emails of these conversations that lie in the same folder as the row the user acted on.</summary>
    public async Task<IReadOnlyList<Email>> EmailsOfAsync(IEnumerable<Email> rows, bool wholeThread = true)
    {
        var chosen = rows.ToList();
        var threads = chosen.Select(e => e.ThreadId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (!wholeThread || threads.Count == 0)
        {
            return chosen;
        }

        var folders = chosen.Select(e => e.MailboxId).ToHashSet(StringComparer.Ordinal);
        var found = new List<Email>();
        foreach (var part in threads.Chunk(50))
        {
            var batch = await jmap.NewBatchAsync();
            var get = batch.Get<EmailThread>(JmapIds.Of(part));
            var emails = batch.Get<Email>(get.Ref("/list/*/emailIds"), ["id", "threadId", "mailboxIds", "keywords"]);
            await batch.SendAsync();
            found.AddRange(emails.Result.List.Where(e => folders.Contains(e.MailboxId)));
        }

        return found.Count > 0 ? found : chosen;
    }

    public async Task SetKeywordAsync(IReadOnlyCollection<string> ids, string keyword, bool on)
    {
        await PatchAsync(ids.Select(id => (id, new PatchObject().Keyword(keyword, on))));
    }

    /// <summary>Moves; gives what undoes it.</summary>
    public async Task<Func<Task>> MoveAsync(IReadOnlyList<Email> emails, string mailboxId, Func<PatchObject, PatchObject>? also = null)
    {
        var from = emails.Where(e => e.Id is not null && e.MailboxId is not null).ToDictionary(e => e.Id!, e => e, StringComparer.Ordinal);
        await PatchAsync(emails.Select(e => (e.Id!, (also ?? (p => p))(new PatchObject().MoveTo(mailboxId)))));
        return () => PatchAsync(from.Select(e =>
            (e.Key, new PatchObject().MoveTo(e.Value.MailboxId!).Set("keywords", e.Value.Keywords ?? new Dictionary<string, bool>()))));
    }

    public async Task DestroyAsync(IReadOnlyList<string> ids)
    {
        foreach (var part in ids.Chunk(SetSize))
        {
            Check(await jmap.SetAsync<Email>(destroy: JmapIds.Of(part)));
        }
    }

    public async Task<Mailbox> CreateFolderAsync(string name, string? parentId)
    {
        var set = await jmap.SetAsync(create: new Dictionary<string, Mailbox>
        {
            ["new"] = new() { Name = name, ParentId = parentId, IsSubscribed = true },
        });
        Check(set);
        await ReloadMailboxesAsync();
        await RaiseAsync(MailChange.Counts);
        return Mailboxes.First(m => m.Id == set.Created!["new"].Id);
    }

    /// <summary>Where mail waits to be sent; made with the first message that has to.</summary>
    public async Task<Mailbox> ScheduledAsync()
    {
        if (ByRole("scheduled") is { } known)
        {
            return known;
        }

        var set = await jmap.SetAsync(create: new Dictionary<string, Mailbox>
        {
            ["new"] = new() { Name = "Scheduled", Role = "scheduled", IsSubscribed = true },
        });
        await ReloadMailboxesAsync();
        if (set.FirstError is not null && ByRole("scheduled") is null
            && Mailboxes.FirstOrDefault(m => m.ParentId is null && m.Role is null && m.Name == "Scheduled") is { } named)
        {
            Check(await jmap.SetAsync<Mailbox>(update: new Dictionary<string, PatchObject> { [named.Id!] = new PatchObject().Set("role", "scheduled") }));
            await ReloadMailboxesAsync();
        }

        return ByRole("scheduled") ?? throw new JmapMethodException("Mailbox/set", "notFound", "There is no place for mail that waits to be sent.");
    }

    public async Task RenameFolderAsync(string id, string name)
    {
        Check(await jmap.SetAsync<Mailbox>(update: new Dictionary<string, PatchObject> { [id] = new PatchObject().Set("name", name) }));
        await ReloadMailboxesAsync();
        await RaiseAsync(MailChange.Counts);
    }

    public async Task DeleteFolderAsync(string id, bool withEmails)
    {
        var batch = await jmap.NewBatchAsync();
        var call = batch.SetMailboxes(destroy: JmapIds.Of([id]), removeEmails: withEmails);
        await batch.SendAsync();
        Check(call.Result);
        await ReloadMailboxesAsync();
        await RaiseAsync(MailChange.All);
    }

    public async Task SaveIdentityAsync(string id, PatchObject patch)
    {
        Check(await jmap.SetAsync<Identity>(update: new Dictionary<string, PatchObject> { [id] = patch }));
        Identities = (await jmap.GetAsync<Identity>(JmapIds.All)).List;
    }

    internal static void Check<T>(SetResponse<T> response)
    {
        if (response.FirstError is { } error)
        {
            throw new JmapMethodException("set", error.Type, error.Description);
        }
    }

    private async Task PatchAsync(IEnumerable<(string Id, PatchObject Patch)> patches)
    {
        foreach (var part in patches.Chunk(SetSize))
        {
            Check(await jmap.SetAsync<Email>(update: part.ToDictionary(p => p.Id, p => p.Patch, StringComparer.Ordinal)));
        }
    }
}
