using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using SaaS.Client.Jmap;
using SaaS.Web.Shared;
using SaaS.Web.Webmail.Compose;
using SaaS.Web.Webmail.Folders;
using SaaS.Web.Webmail.Keyboard;
using SaaS.Web.Webmail.List;
using SaaS.Web.Webmail.Reading;
using SaaS.Web.Webmail.Search;

namespace SaaS.Web.Webmail;

/// <summary>
/// Folders, list and conversation. The address says what is open (/mail/{folder}/{conversation}, ?q= for a search), so
/// a reload, a bookmark or a second tab shows the same.
/// </summary>
public sealed partial class MailPage
{
    private readonly Selection _selected = new();
    private DotNetObjectReference<MailPage>? _self;
    private MessageList? _list;
    private ThreadView? _thread;
    private MessageWindow? _window;
    private MessageRow? _dragged;
    private string _search = "";
    private string? _opened;
    private int _cursor = -1;
    private bool _drawer;
    private bool _failed;
    private bool _listFailed;
    private bool _ready;
    private Bulk? _bulk;

    [Parameter] public string? Folder { get; set; }
    [Parameter] public string? Thread { get; set; }
    [SupplyParameterFromQuery(Name = "q")] public string? Query { get; set; }
    [SupplyParameterFromQuery(Name = "unread")] public string? Unread { get; set; }
    [SupplyParameterFromQuery(Name = "compose")] public string? Mailto { get; set; }

    [Inject] private MailSession Mail { get; set; } = default!;
    [Inject] private MailPreferences Preferences { get; set; } = default!;
    [Inject] private ComposeDesk Desk { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private ILogger<MailPage> Log { get; set; } = default!;

    private Dictionary<string, ComposeWindow?> Windows { get; } = new(StringComparer.Ordinal);
    private Mailbox? Current => Mail.Find(Folder);
    private bool Searching => !string.IsNullOrWhiteSpace(Query);
    private bool UnreadOnly => Unread == "1" && !Searching;
    private bool InScheduled => Current?.Role == "scheduled" && !Searching;
    private bool InJunk => Current?.Role == "junk";
    private string ListTitle => Searching ? "Search" : Current is { } m ? FolderIcons.Name(m) : "Mail";

    private string? ListSubtitle => _window?.Total is { } total && total > 0
        ? total.ToString("N0", CultureInfo.CurrentCulture) + (Searching ? " found" : "")
        : null;

    private string PageName
    {
        get
        {
            var unread = Mail.ByRole("inbox")?.UnreadEmails ?? 0;
            return (unread > 0 ? $"({unread}) " : "") + ListTitle;
        }
    }

    private string EmptyTitle => Current?.Role switch
    {
        "inbox" => "Your inbox is empty",
        "drafts" => "No drafts",
        "scheduled" => "Nothing is waiting to be sent",
        "sent" => "Nothing sent yet",
        "junk" => "No junk",
        "trash" => "The trash is empty",
        "archive" => "Nothing archived yet",
        _ => "This folder is empty",
    };

    private string EmptyText => Current?.Role switch
    {
        "inbox" => "New mail appears here by itself.",
        "drafts" => "What you write is saved here until you send it.",
        "scheduled" => "Messages with a time to go out wait here.",
        "sent" => "Copies of what you send are kept here.",
        "junk" => "Messages you mark as junk come here.",
        "trash" => "Deleted messages stay here until you empty it.",
        "archive" => "Press e on a conversation to keep it out of the way.",
        _ => "Drag messages here, or press v to move them.",
    };

    /// <summary>A row was swept aside with a finger: to the right it is archived, to the left deleted.</summary>
    [JSInvokable]
    public Task OnSwipe(int index, bool right) => InvokeAsync(async () =>
    {
        if (_window?.At(index) is { } row)
        {
            await DoAsync(right ? "archive" : "delete", [row]);
            StateHasChanged();
        }
    });

    [JSInvokable]
    public Task OnKey(string key, string compose) => InvokeAsync(() => KeyAsync(key, compose));

    public async ValueTask DisposeAsync()
    {
        Mail.Changed -= OnChangedAsync;
        Desk.Changed -= OnDesk;
        Preferences.Changed -= OnDesk;
        _bulk?.Stop();
        if (_self is not null)
        {
            try
            {
                await Js.InvokeVoidAsync("mail.noKeys");
            }
            catch (JSDisconnectedException)
            {
                // The browser has gone.
            }

            _self.Dispose();
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        _search = Query ?? "";
        if (_ready)
        {
            await OpenFolderIfChangedAsync();
            StartMailto();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        Mail.Changed += OnChangedAsync;
        Desk.Changed += OnDesk;
        Preferences.Changed += OnDesk;
        _self = DotNetObjectReference.Create(this);
        await Js.InvokeVoidAsync("mail.keys", _self);
        await StartAsync();
    }

    private async Task StartAsync()
    {
        try
        {
            _failed = false;
            await Task.WhenAll(Preferences.LoadAsync(), Mail.LoadAsync());
            _ready = true;
            if (Mail.HasMailbox)
            {
                await OpenFolderIfChangedAsync();
                StartMailto();
                await RescueAsync();
            }
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.LoadFailed(Log, e);
            _failed = true;
        }

        StateHasChanged();
    }

    private async Task OpenFolderIfChangedAsync()
    {
        var key = $"{(Searching ? "?" + Query : Current?.Id)} {UnreadOnly} {Preferences.Conversations}";
        if (key == _opened && _window is not null)
        {
            return;
        }

        _opened = key;
        _cursor = -1;
        _selected.Clear();
        await OpenFolderAsync();
    }

    private async Task OpenFolderAsync()
    {
        EmailFilter? filter = Searching
            ? SearchQuery.Parse(Query, Mail.Mailboxes)
            : new EmailCondition { InMailbox = Current?.Id, NotKeyword = UnreadOnly ? Keyword.Seen : null };
        if (filter is null || (!Searching && Current is null))
        {
            _window = null;
            return;
        }

        var window = new MessageWindow(
            Mail.Jmap, filter, Preferences.Conversations && !Searching && Current?.Role is not ("drafts" or "scheduled"), Outgoing, Searching,
            Searching ? null : UnreadOnly ? Current?.UnreadEmails : Current?.TotalEmails, InScheduled);
        _window = null;
        _listFailed = false;
        StateHasChanged();
        try
        {
            await window.RowsAsync(0, 1, CancellationToken.None);
            _window = window;
            StateHasChanged();
            await Js.InvokeVoidAsync("mail.restore", PlaceKey);
            if (await window.CountAsync(CancellationToken.None) && ReferenceEquals(_window, window) && _list is not null)
            {
                await _list.RepaintAsync();
            }
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.LoadFailed(Log, e);
            _listFailed = true;
        }

        StateHasChanged();
    }

    private string FolderPath => "/mail/" + Uri.EscapeDataString(Searching ? "search" : Current is { } m ? MailSession.KeyOf(m) : "inbox");

    private string Suffix => Searching ? "?q=" + Uri.EscapeDataString(Query!) : UnreadOnly ? "?unread=1" : "";

    /// <summary>Under which the browser remembers how far the list was scrolled.</summary>
    private string PlaceKey => FolderPath + Suffix;

    private bool Outgoing => Current?.Role is "sent" or "drafts" or "scheduled" && !Searching;

    private void Back() => Navigation.NavigateTo(FolderPath + Suffix);

    /// <summary>From the conversation to the list, where it was left.</summary>
    private async Task BackAsync()
    {
        Back();
        await Task.Yield();
        await Js.InvokeVoidAsync("mail.restore", PlaceKey);
    }

    private async Task OpenRowAsync((MessageRow Row, int Index) at)
    {
        _cursor = at.Index;
        if (at.Row.Draft && at.Row.Count == 1 && at.Row.Submission is null && !InScheduled)
        {
            var found = await Mail.Jmap.GetEmailsAsync(JmapIds.Of([at.Row.Id]), Email.ReadProperties, EmailBodyOptions.ForReading);
            if (found.List.Front() is { } email)
            {
                Desk.Start(Desk.Replies.Reopen(email));
            }

            return;
        }

        _window?.Change(r => r.ThreadId == at.Row.ThreadId, r => r with { Unread = false });
        var thread = Preferences.Conversations && !InScheduled ? at.Row.ThreadId : at.Row.Id;
        Navigation.NavigateTo($"{FolderPath}/{Uri.EscapeDataString(thread)}{Suffix}");
    }

    private void SearchFor(string text)
    {
        text = text.Trim();
        Navigation.NavigateTo(text.Length == 0 ? "/mail" : "/mail/search?q=" + Uri.EscapeDataString(text));
    }

    private void EndSearch() => Navigation.NavigateTo("/mail");

    private void ToggleUnread() => Navigation.NavigateTo(FolderPath + (UnreadOnly ? "" : "?unread=1"));

    private async Task OnChangedAsync(MailChange change) => await InvokeAsync(async () =>
    {
        if (change.Emails && _list is not null && _window is not null)
        {
            try
            {
                await _list.RefreshAsync();
            }
            catch (Exception e) when (MailFault.Is(e))
            {
                WebmailLog.LoadFailed(Log, e);
            }
        }

        StateHasChanged();
    });

    private void OnDesk() => _ = InvokeAsync(StateHasChanged);

    private void ComposeNew() => Desk.Start(Desk.Replies.New());

    private void StartMailto()
    {
        if (Mailto is { Length: > 0 } mailto)
        {
            Desk.Start(Desk.Replies.New(mailto));
            Navigation.NavigateTo(Thread is null ? FolderPath + Suffix : $"{FolderPath}/{Uri.EscapeDataString(Thread)}{Suffix}", replace: true);
        }
    }

    /// <summary>Opens again what a lost circuit had not saved; the browser kept its own copy of the text.</summary>
    private async Task RescueAsync()
    {
        var orphans = await Js.InvokeAsync<IReadOnlyList<Orphan>>("mail.orphans");
        foreach (var orphan in orphans.Take(2))
        {
            await Js.InvokeVoidAsync("mail.forget", orphan.Key);
            if (string.IsNullOrWhiteSpace(MailHtml.ToText(orphan.Html)) && orphan.Meta is not { Subject.Length: > 0 })
            {
                continue;
            }

            Draft draft;
            if (orphan.Meta is { } kept)
            {
                draft = kept.ToDraft(orphan.Html);
            }
            else
            {
                draft = Desk.Replies.New();
                draft.Html = orphan.Html;
            }

            Desk.Start(draft);
            Toasts.Done("A message that was not saved has been restored");
        }
    }

    private void WriteAsync((Email Email, string How) what) => Desk.Start(what.How switch
    {
        "all" => Desk.Replies.Reply(what.Email, all: true),
        "forward" => Desk.Replies.Forward(what.Email),
        "draft" => Desk.Replies.Reopen(what.Email),
        _ => Desk.Replies.Reply(what.Email, all: false),
    });

    private async Task HelpAsync() => await Dialogs.ShowAsync<KeyHelp>("");

    private sealed record Orphan(string Key, string Html, Kept? Meta);
}
