using MudBlazor;
using SaaS.Client.Jmap;
using SaaS.Web.Shared;
using SaaS.Web.Webmail.Folders;
using SaaS.Web.Webmail.Keyboard;
using SaaS.Web.Webmail.List;

namespace SaaS.Web.Webmail;

/// <summary>What keys, buttons and dragging do to the messages that are ticked, open, or under the cursor.</summary>
public sealed partial class MailPage
{
    private IReadOnlyList<MessageRow> Targets()
    {
        if (_selected.Count > 0)
        {
            return [.. _selected.Rows];
        }

        if (Thread is not null && _window?.Known.FirstOrDefault(Opened) is { } open)
        {
            return [open];
        }

        return _cursor >= 0 && _window?.At(_cursor) is { } row ? [row] : [];
    }

    private bool Opened(MessageRow row) => row.ThreadId == Thread || row.Id == Thread;

    private async Task KeyAsync(string key, string compose)
    {
        if (key == "ctrl+enter")
        {
            await (Windows.GetValueOrDefault(compose)?.SendAsync(null) ?? Task.CompletedTask);
            return;
        }

        if (!Preferences.Keyboard && key != "escape")
        {
            return;
        }

        switch (KeyMap.Of(key))
        {
            case MailKey.Next:
                await StepAsync(1);
                break;
            case MailKey.Previous:
                await StepAsync(-1);
                break;
            case MailKey.Open when _window?.At(Math.Max(_cursor, 0)) is { } row:
                await OpenRowAsync((row, Math.Max(_cursor, 0)));
                break;
            case MailKey.Back when _selected.Count > 0:
                _selected.Clear();
                break;
            case MailKey.Back when Thread is not null:
                Back();
                break;
            case MailKey.Compose:
                ComposeNew();
                break;
            case MailKey.Reply:
                await (_thread?.WriteLastAsync("reply") ?? Task.CompletedTask);
                break;
            case MailKey.ReplyAll:
                await (_thread?.WriteLastAsync("all") ?? Task.CompletedTask);
                break;
            case MailKey.Forward:
                await (_thread?.WriteLastAsync("forward") ?? Task.CompletedTask);
                break;
            case MailKey.Archive:
                await ActAsync("archive");
                break;
            case MailKey.Delete:
                await ActAsync("delete");
                break;
            case MailKey.Junk:
                await ActAsync("junk");
                break;
            case MailKey.Move:
                await ActAsync("move");
                break;
            case MailKey.Read:
                await ActAsync("read");
                break;
            case MailKey.Star when Targets() is [var first, ..]:
                await StarAsync(first);
                break;
            case MailKey.Select when _cursor >= 0 && _window?.At(_cursor) is { } row:
                _selected.Toggle(row, _cursor);
                break;
            case MailKey.Help:
                await HelpAsync();
                break;
            default:
                return;
        }

        StateHasChanged();
    }

    private async Task StepAsync(int by)
    {
        if (_window is not { Total: > 0 } window)
        {
            return;
        }

        if (_cursor < 0 && Thread is not null)
        {
            _cursor = window.IndexOf(Opened);
        }

        _cursor = Math.Clamp(_cursor + by, 0, window.Total.Value - 1);
        await Microsoft.JSInterop.JSRuntimeExtensions.InvokeVoidAsync(Js, "mail.showRow", _cursor, Preferences.RowHeight);
        if (Thread is not null)
        {
            await window.RowsAsync(_cursor, 1, CancellationToken.None);
            if (window.At(_cursor) is { } row && !row.Draft)
            {
                await OpenRowAsync((row, _cursor));
            }
        }

        if (_list is not null)
        {
            await _list.RepaintAsync();
        }
    }

    private async Task QuickAsync((MessageRow Row, string Action) quick) => await DoAsync(quick.Action, [quick.Row]);

    private async Task ActAsync(string action)
    {
        switch (action)
        {
            case "next":
                await StepAsync(1);
                break;
            case "previous":
                await StepAsync(-1);
                break;
            case "everything":
                _selected.Everything = true;
                break;
            default:
                if (_selected.Everything && _window is { } window)
                {
                    await DoAllAsync(action, window.Filter);
                }
                else if (Targets() is { Count: > 0 } rows)
                {
                    await DoAsync(action, rows);
                }

                break;
        }
    }

    private async Task DropAsync(Mailbox to)
    {
        var rows = _dragged is { } d && _selected.Has(d) ? [.. _selected.Rows] : _dragged is { } one ? new[] { one } : [];
        _dragged = null;
        if (rows.Length > 0 && to.Id != Current?.Id)
        {
            await MoveRowsAsync(rows, to, "Moved to " + FolderIcons.Name(to));
        }
    }

    private async Task DoAsync(string action, IReadOnlyList<MessageRow> rows)
    {
        try
        {
            if (InScheduled && action != "read")
            {
                await TakeBackAsync(action, rows);
                return;
            }

            switch (action)
            {
                case "archive" when Mail.ByRole("archive") is { } archive:
                    await MoveRowsAsync(rows, archive, "Archived");
                    break;
                case "delete" when Current?.Role == "trash" && !Searching:
                    await DestroyRowsAsync(rows);
                    break;
                case "delete" when Mail.ByRole("trash") is { } trash:
                    await MoveRowsAsync(rows, trash, "Moved to Trash");
                    break;
                case "junk" when InJunk && Mail.ByRole("inbox") is { } inbox:
                    await MoveRowsAsync(rows, inbox, "Marked as not junk", p => p.Keyword(Keyword.Junk, false).Keyword(Keyword.NotJunk, true));
                    break;
                case "junk" when Mail.ByRole("junk") is { } junk:
                    await MoveRowsAsync(rows, junk, "Marked as junk", p => p.Keyword(Keyword.Junk, true).Keyword(Keyword.NotJunk, false));
                    break;
                case "move":
                    await AskAndMoveAsync(rows);
                    break;
                case "read":
                    await ToggleReadAsync(rows);
                    break;
                default:
                    Toasts.Failed("This account has no folder for that.");
                    break;
            }
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(Log, e);
            Toasts.Failed("That did not work. Nothing was changed.");
            await RefreshAsync();
        }
    }

    /// <summary>What waits to be sent is taken back before anything else happens to it.</summary>
    private async Task TakeBackAsync(string action, IReadOnlyList<MessageRow> rows)
    {
        if (action != "delete")
        {
            Toasts.Failed("This message waits to be sent. Cancel that first, or delete it.");
            return;
        }

        await LeaveAsync(rows);
        var taken = await Desk.CancelAsync([.. rows.Select(r => r.Id)], Mail.ByRole("trash")?.Id);
        if (taken)
        {
            Toasts.Done("Not sent. Moved to Trash");
        }
        else
        {
            Toasts.Failed("It was too late to call the message back.");
        }
    }

    private void SelectPage()
    {
        _selected.All(_window?.Known ?? []);
        StateHasChanged();
    }

    private Task MarkAllReadAsync() => Current is { } here
        ? BulkAsync("Marking as read", "All read", b => b.ChangeAsync(
            "Marking as read", new EmailCondition { InMailbox = here.Id, NotKeyword = Keyword.Seen },
            p => p.Keyword(Keyword.Seen, true), p => p.Keyword(Keyword.Seen, false)))
        : Task.CompletedTask;

    /// <summary>An action on all that the folder or search holds.</summary>
    private async Task DoAllAsync(string action, EmailFilter filter)
    {
        Func<Bulk, Task<Func<Bulk, Task>>>? run = null;
        var done = "";
        switch (action)
        {
            case "archive" when Mail.ByRole("archive") is { } archive:
                (run, done) = (b => b.ChangeAsync("Archiving", filter, p => p.MoveTo(archive.Id!)), "Archived");
                break;
            case "delete" when Current?.Role == "trash" && !Searching:
                await EmptyFolderAsync(Current);
                return;
            case "delete" when Mail.ByRole("trash") is { } trash:
                (run, done) = (b => b.ChangeAsync("Moving to Trash", filter, p => p.MoveTo(trash.Id!)), "Moved to Trash");
                break;
            case "junk" when InJunk && Mail.ByRole("inbox") is { } inbox:
                (run, done) = (b => b.ChangeAsync(
                    "Marking as not junk", filter, p => p.MoveTo(inbox.Id!).Keyword(Keyword.Junk, false).Keyword(Keyword.NotJunk, true)), "Marked as not junk");
                break;
            case "junk" when Mail.ByRole("junk") is { } junk:
                (run, done) = (b => b.ChangeAsync(
                    "Marking as junk", filter, p => p.MoveTo(junk.Id!).Keyword(Keyword.Junk, true).Keyword(Keyword.NotJunk, false)), "Marked as junk");
                break;
            case "move" when await AskFolderAsync() is { } to:
                (run, done) = (b => b.ChangeAsync("Moving", filter, p => p.MoveTo(to.Id!)), "Moved to " + FolderIcons.Name(to));
                break;
            case "read":
                (run, done) = (b => b.ChangeAsync(
                    "Marking as read", EmailFilter.And(filter, new EmailCondition { NotKeyword = Keyword.Seen }),
                    p => p.Keyword(Keyword.Seen, true), p => p.Keyword(Keyword.Seen, false)), "Marked as read");
                break;
            default:
                break;
        }

        if (run is not null)
        {
            _selected.Clear();
            await BulkAsync(done, done, run);
        }
    }

    /// <summary>Runs it under the list's head, and offers to take it back.</summary>
    private async Task BulkAsync(string title, string done, Func<Bulk, Task<Func<Bulk, Task>>> run)
    {
        if (_bulk is not null)
        {
            Toasts.Failed("One after the other: the last action still runs.");
            return;
        }

        Func<Bulk, Task>? undo = null;
        var count = 0;
        await RunBulkAsync(async bulk =>
        {
            undo = await run(bulk);
            count = bulk.Done;
        });
        if (undo is not null)
        {
            Toasts.Offer($"{done} ({count.ToString("N0", System.Globalization.CultureInfo.CurrentCulture)})", "Undo", () => RunBulkAsync(undo), TimeSpan.FromSeconds(15));
        }
    }

    private async Task RunBulkAsync(Func<Bulk, Task> run)
    {
        using var bulk = new Bulk(Mail.Jmap);
        _bulk = bulk;
        bulk.Changed += OnDesk;
        try
        {
            await run(bulk);
        }
        catch (Exception e) when (MailFault.Is(e) || e is OperationCanceledException)
        {
            if (!MailFault.NobodyThere(e))
            {
                WebmailLog.ActionFailed(Log, e);
                Toasts.Failed("That stopped before its end. What was done is done.");
            }
        }
        finally
        {
            _bulk = null;
            await RefreshAsync();
            StateHasChanged();
        }
    }

    private async Task<Mailbox?> AskFolderAsync()
    {
        var parameters = new DialogParameters<MoveDialog> { { d => d.Mailboxes, Mail.Mailboxes }, { d => d.From, Searching ? null : Current?.Id } };
        var dialog = await Dialogs.ShowAsync<MoveDialog>("", parameters);
        return await dialog.Result is { Canceled: false, Data: Mailbox to } ? to : null;
    }

    private async Task MoveRowsAsync(IReadOnlyList<MessageRow> rows, Mailbox to, string done, Func<PatchObject, PatchObject>? also = null)
    {
        await LeaveAsync(rows);
        var emails = await Mail.EmailsOfAsync(rows.Select(r => r.Email), Preferences.Conversations && !Searching);
        var undo = await Mail.MoveAsync(emails, to.Id!, also);
        var text = rows.Count == 1 ? done : $"{done} ({rows.Count})";
        Toasts.Offer(text, "Undo", async () =>
        {
            try
            {
                await undo();
            }
            catch (Exception e) when (MailFault.Is(e))
            {
                WebmailLog.ActionFailed(Log, e);
                Toasts.Failed("That could not be undone.");
            }
        });
    }

    private async Task DestroyRowsAsync(IReadOnlyList<MessageRow> rows)
    {
        var what = rows.Count == 1 ? "This conversation" : $"These {rows.Count} conversations";
        if (await Dialogs.ConfirmAsync("Delete for good?", $"{what} will be gone. This cannot be undone.", "Delete", dangerous: true))
        {
            await LeaveAsync(rows);
            var emails = await Mail.EmailsOfAsync(rows.Select(r => r.Email), Preferences.Conversations && !Searching);
            await Mail.DestroyAsync([.. emails.Select(e => e.Id!)]);
        }
    }

    /// <summary>Takes the rows out of sight at once, and goes on to the next conversation when the open one leaves.</summary>
    private async Task LeaveAsync(IReadOnlyList<MessageRow> rows)
    {
        var ids = rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var leaves = Thread is not null && rows.Any(Opened);
        var at = leaves ? _window?.IndexOf(Opened) ?? -1 : -1;
        _window?.Remove(ids);
        _selected.Clear();
        if (_list is not null)
        {
            await _list.RepaintAsync();
        }

        if (leaves)
        {
            var phone = await Microsoft.JSInterop.JSRuntimeExtensions.InvokeAsync<bool>(Js, "mail.phone");
            if (!phone && at >= 0 && (_window?.At(at) ?? _window?.At(at - 1)) is { Draft: false } next)
            {
                await OpenRowAsync((next, _window!.IndexOf(r => r.Id == next.Id)));
            }
            else
            {
                Back();
            }
        }

        StateHasChanged();
    }

    private async Task AskAndMoveAsync(IReadOnlyList<MessageRow> rows)
    {
        if (await AskFolderAsync() is { } to)
        {
            await MoveRowsAsync(rows, to, "Moved to " + FolderIcons.Name(to));
        }
    }

    private async Task ToggleReadAsync(IReadOnlyList<MessageRow> rows)
    {
        var open = Thread is not null && rows.Any(Opened);
        var unread = !open && rows.Any(r => r.Unread);
        var ids = rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        _window?.Change(r => ids.Contains(r.Id), r => r with { Unread = !unread });
        _selected.Clear();
        if (open)
        {
            Back();
        }

        var emails = unread
            ? await Mail.EmailsOfAsync(rows.Select(r => r.Email), Preferences.Conversations && !Searching)
            : [.. rows.Select(r => r.Email)];
        await Mail.SetKeywordAsync([.. emails.Select(e => e.Id!)], Keyword.Seen, unread);
        await (_list?.RepaintAsync() ?? Task.CompletedTask);
    }

    private async Task StarAsync(MessageRow row)
    {
        try
        {
            var on = !row.Starred;
            _window?.Change(r => r.Id == row.Id, r => r with { Starred = on });
            await (_list?.RepaintAsync() ?? Task.CompletedTask);
            var emails = on ? [row.Email] : await Mail.EmailsOfAsync([row.Email], Preferences.Conversations && !Searching);
            await Mail.SetKeywordAsync([.. emails.Select(e => e.Id!)], Keyword.Flagged, on);
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(Log, e);
            Toasts.Failed("The star could not be set.");
            await RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await (_list?.RefreshAsync() ?? Task.CompletedTask);
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            _listFailed = true;
        }
    }

    private async Task CreateFolderAsync(string? parent)
    {
        if (await AskNameAsync("New folder", "Create", "") is { } name)
        {
            await FolderActionAsync(() => Mail.CreateFolderAsync(name, parent), "The folder could not be made. Is there one of this name?");
        }
    }

    private async Task RenameFolderAsync(Mailbox mailbox)
    {
        if (await AskNameAsync("Rename folder", "Rename", mailbox.Name ?? "") is { } name)
        {
            await FolderActionAsync(() => Mail.RenameFolderAsync(mailbox.Id!, name), "The folder could not be renamed. Is there one of this name?");
        }
    }

    private async Task DeleteFolderAsync(Mailbox mailbox)
    {
        var text = mailbox.TotalEmails > 0
            ? $"“{mailbox.Name}” and its {mailbox.TotalEmails:N0} messages will be deleted for good."
            : $"“{mailbox.Name}” will be deleted.";
        if (await Dialogs.ConfirmAsync("Delete folder?", text, "Delete", dangerous: true))
        {
            var here = mailbox.Id == Current?.Id;
            await FolderActionAsync(() => Mail.DeleteFolderAsync(mailbox.Id!, withEmails: true), "The folder could not be deleted. Delete the folders inside first.");
            if (here)
            {
                Navigation.NavigateTo("/mail");
            }
        }
    }

    private async Task EmptyFolderAsync(Mailbox mailbox)
    {
        if (await Dialogs.ConfirmAsync(
            $"Empty {FolderIcons.Name(mailbox)}?", $"All {mailbox.TotalEmails:N0} messages in it will be gone. This cannot be undone.", "Empty", dangerous: true))
        {
            _selected.Clear();
            await RunBulkAsync(b => b.DestroyAsync("Deleting", new EmailCondition { InMailbox = mailbox.Id }));
        }
    }

    private async Task FolderActionAsync(Func<Task> action, string problem)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(Log, e);
            Toasts.Failed(problem);
        }
    }

    private async Task<string?> AskNameAsync(string title, string action, string name)
    {
        var parameters = new DialogParameters<NameDialog> { { d => d.Title, title }, { d => d.Action, action }, { d => d.Name, name } };
        var dialog = await Dialogs.ShowAsync<NameDialog>(title, parameters);
        return await dialog.Result is { Canceled: false, Data: string text } ? text : null;
    }
}
