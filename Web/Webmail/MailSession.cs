using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail;

/// <summary>What changed on the server, as far as a view has to know.</summary>
public sealed record MailChange(IReadOnlyList<string> Created, IReadOnlyList<string> Updated, IReadOnlyList<string> Destroyed, bool Everything)
{
    public static MailChange Counts { get; } = new([], [], [], false);
    public static MailChange All { get; } = new([], [], [], true);

    public bool Emails => Everything || Created.Count + Updated.Count + Destroyed.Count > 0;
}

/// <summary>
/// One circuit's view of the user's mail: folders, identities, and the live updates that keep them right. Views
/// subscribe to <see cref="Changed"/> and read again what they show; nothing here guesses at what the server has.
/// </summary>
public sealed partial class MailSession(JmapClient jmap, TimeProvider clock, ILogger<MailSession> log) : IAsyncDisposable
{
    /// <summary>All but the counts of threads, which cost the server a walk through each folder.</summary>
    private static readonly string[] FolderProperties =
        ["id", "name", "parentId", "role", "sortOrder", "totalEmails", "unreadEmails", "myRights", "isSubscribed"];

    private readonly CancellationTokenSource _stop = new();
    private Task? _listening;
    private Task? _loading;
    private string _emailState = "";

    public JmapClient Jmap => jmap;
    public bool Loaded { get; private set; }
    public bool HasMailbox { get; private set; } = true;
    public IReadOnlyList<Mailbox> Mailboxes { get; private set; } = [];
    public IReadOnlyList<Identity> Identities { get; private set; } = [];
    public Identity? DefaultIdentity => Identities.Count > 0 ? Identities[0] : null;

    /// <summary>Raised after folders were read again; handlers run one after the other.</summary>
    public event Func<MailChange, Task>? Changed;

    public Mailbox? ByRole(string role) => Mailboxes.FirstOrDefault(m => m.Role == role);

    /// <summary>The folder of an address: its role ("inbox"), else its id.</summary>
    public Mailbox? Find(string? key) =>
        key is null ? ByRole("inbox") : Mailboxes.FirstOrDefault(m => m.Role == key) ?? Mailboxes.FirstOrDefault(m => m.Id == key);

    public static string KeyOf(Mailbox mailbox) => mailbox.Role ?? mailbox.Id ?? "inbox";

    public Task LoadAsync() => _loading is { IsFaulted: false, IsCanceled: false } running ? running : _loading = LoadOnceAsync();

    public async Task ReloadMailboxesAsync(CancellationToken cancel = default)
    {
        var folders = await jmap.GetAsync<Mailbox>(JmapIds.All, FolderProperties, cancel);
        Mailboxes = Order(folders.List);
    }

    /// <summary>Folders in reading order: the special ones first, then by name, children under their parents.</summary>
    internal static IReadOnlyList<Mailbox> Order(IReadOnlyList<Mailbox> all)
    {
        var known = all.Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        var byParent = all.ToLookup(m => m.ParentId is { } p && known.Contains(p) ? p : "", StringComparer.Ordinal);
        var ordered = new List<Mailbox>(all.Count);
        Walk("", 0);
        return ordered;

        void Walk(string parent, int depth)
        {
            if (depth > 64)
            {
                return;
            }

            foreach (var mailbox in byParent[parent].OrderBy(Rank).ThenBy(m => m.SortOrder ?? 0)
                         .ThenBy(m => m.Name, StringComparer.CurrentCultureIgnoreCase))
            {
                ordered.Add(mailbox);
                Walk(mailbox.Id ?? "-", depth + 1);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_listening is not null)
        {
            await _listening;
        }

        _stop.Dispose();
    }

    private static int Rank(Mailbox mailbox) => mailbox.Role switch
    {
        "inbox" => 0,
        "drafts" => 1,
        "scheduled" => 2,
        "sent" => 3,
        "archive" => 4,
        "junk" => 5,
        "trash" => 6,
        _ => 7,
    };

    private async Task LoadOnceAsync()
    {
        var session = await jmap.GetSessionAsync(ct: _stop.Token);
        if (session.MailAccountId is null)
        {
            HasMailbox = false;
            Loaded = true;
            return;
        }

        var batch = await jmap.NewBatchAsync(_stop.Token);
        var folders = batch.Get<Mailbox>(JmapIds.All, FolderProperties);
        var identities = batch.Get<Identity>(JmapIds.All);
        var state = batch.Get<Email>(JmapIds.Of([]), ["id"]);
        await batch.SendAsync(_stop.Token);
        Mailboxes = Order(folders.Result.List);
        Identities = identities.Failed ? [] : identities.Result.List;
        _emailState = state.Failed ? "" : state.Result.State;
        Loaded = true;
        _listening ??= Task.Run(ListenAsync);
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in jmap.ListenAsync(["Email", "Mailbox"], _stop.Token))
                {
                    await CatchUpAsync(change);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (MailFault.Is(e))
            {
                WebmailLog.ListenFailed(log, e);
                try
                {
                    await Task.Delay(TimeSpan.FromSeconds(5), clock, _stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    /// <summary>A push is a hint: the states it names are compared with ours, and what lies between is read.</summary>
    private async Task CatchUpAsync(StateChange push)
    {
        var account = await jmap.GetAccountIdAsync(_stop.Token);
        if (!push.Changed.TryGetValue(account, out var states))
        {
            return;
        }

        var change = MailChange.Counts;
        if (states.TryGetValue("Email", out var state) && state != _emailState)
        {
            change = await ChangesAsync();
        }

        await ReloadMailboxesAsync(_stop.Token);
        await RaiseAsync(change);
    }

    private async Task<MailChange> ChangesAsync()
    {
        if (_emailState.Length == 0)
        {
            _emailState = (await jmap.GetAsync<Email>(JmapIds.Of([]), ["id"], _stop.Token)).State;
            return MailChange.All;
        }

        try
        {
            var changes = await jmap.ChangesAsync<Email>(_emailState, 200, _stop.Token);
            if (!changes.HasMoreChanges)
            {
                _emailState = changes.NewState;
                return new MailChange(changes.Created, changes.Updated, changes.Destroyed, false);
            }
        }
        catch (JmapMethodException)
        {
            // The server no longer knows that far back: read everything shown again.
        }

        _emailState = (await jmap.GetAsync<Email>(JmapIds.Of([]), ["id"], _stop.Token)).State;
        return MailChange.All;
    }

    private async Task RaiseAsync(MailChange change)
    {
        foreach (var handler in (Changed?.GetInvocationList() ?? []).Cast<Func<MailChange, Task>>())
        {
            await handler(change);
        }
    }
}
