using System.Text.Json;
using SaaS.Client.Jmap;
using SaaS.Web.Webmail.Compose;

namespace SaaS.Web.Webmail.Settings;

/// <summary>Rules where the active script is made of rules, else the script itself.</summary>
public sealed partial class FiltersPage
{
    private static readonly IReadOnlyList<(bool, string)> AllOrAny = [(true, "All"), (false, "One")];

    private bool _loaded;
    private bool _failed;
    private bool _foreign;
    private List<FilterRule> _rules = [];
    private List<(string Name, string Text)> _folders = [];
    private FilterRule? _draft;
    private int _draftIndex = -1;
    private string? _text;
    private string? _problem;

    /// <summary>"" the inbox, "*" the trash, else a folder.</summary>
    private string Where
    {
        get => _draft is not { } d ? "" : d.Delete ? "*" : d.MoveTo ?? "";
        set
        {
            if (_draft is { } d)
            {
                d.Delete = value == "*";
                d.MoveTo = value is "" or "*" ? null : value;
            }
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await LoadAsync();
            StateHasChanged();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _failed = false;
            await Mail.LoadAsync();
            _folders = [.. Mail.Mailboxes.Where(m => m.Role is not ("inbox" or "drafts" or "trash")).Select(m => (PathOf(m), $"Move it to {PathOf(m)}"))];
            var script = await Filters.LoadAsync();
            var rules = script is null ? [] : FilterScript.Read(script);
            _foreign = rules is null;
            _rules = rules ?? [];
            _text = _foreign ? script : null;
            _loaded = true;
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.LoadFailed(Log, e);
            _failed = true;
        }
    }

    private string PathOf(Mailbox mailbox)
    {
        var path = mailbox.Name ?? "";
        for (var parent = mailbox.ParentId; parent is not null && Mail.Mailboxes.FirstOrDefault(m => m.Id == parent) is { } above; parent = above.ParentId)
        {
            path = $"{(above.Role == "inbox" ? "INBOX" : above.Name)}/{path}";
        }

        return path;
    }

    private void Add() => (_draft, _draftIndex, _problem) = (new FilterRule(), -1, null);

    private void Edit(int index) =>
        (_draft, _draftIndex, _problem) = (JsonSerializer.Deserialize<FilterRule>(JsonSerializer.Serialize(_rules[index])), index, null);

    private void CloseDraft() => (_draft, _problem) = (null, null);

    private async Task SaveDraftAsync()
    {
        var draft = _draft!;
        draft.Name = draft.Name.Trim();
        draft.ForwardTo = string.IsNullOrWhiteSpace(draft.ForwardTo) ? null : draft.ForwardTo.Trim();
        _problem = draft.Conditions.Any(c => string.IsNullOrWhiteSpace(c.Value)) ? "A condition has no text."
            : draft.ForwardTo is { } to && !Recipients.IsValid(new EmailAddress(null, to)) ? $"“{to}” is not an address."
            : null;
        if (_problem is not null)
        {
            return;
        }

        if (draft.Name.Length == 0)
        {
            draft.Name = draft.Conditions[0].Value;
        }

        List<FilterRule> rules = [.. _rules];
        if (_draftIndex < 0)
        {
            rules.Add(draft);
        }
        else
        {
            rules[_draftIndex] = draft;
        }

        if (rules.Count > FilterScript.MaxRules)
        {
            _problem = $"There can be {FilterScript.MaxRules} rules.";
            return;
        }

        if (await SaveAsync(FilterScript.Write(rules), rules: true))
        {
            _rules = rules;
            CloseDraft();
        }
    }

    private Task MoveAsync(int index, int by)
    {
        List<FilterRule> rules = [.. _rules];
        (rules[index], rules[index + by]) = (rules[index + by], rules[index]);
        return SaveRulesAsync(rules);
    }

    private Task RemoveAsync(int index) => SaveRulesAsync([.. _rules.Where((_, i) => i != index)]);

    private async Task SaveRulesAsync(List<FilterRule> rules)
    {
        CloseDraft();
        if (await SaveAsync(FilterScript.Write(rules), rules: true))
        {
            _rules = rules;
        }
    }

    private void OpenText() => (_text, _problem) = (FilterScript.Write(_rules), null);

    private void CloseText() => (_text, _problem) = (null, null);

    private void StartRules() => (_text, _problem, _foreign, _rules) = (null, null, false, []);

    private async Task CheckAsync()
    {
        try
        {
            _problem = await Filters.CheckAsync(Lines(_text ?? ""));
            if (_problem is null)
            {
                Toasts.Done("The script is right");
            }
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(Log, e);
            _problem = "The script could not be checked.";
        }
    }

    private async Task SaveTextAsync()
    {
        var text = Lines(_text ?? "");
        if (!await SaveAsync(text, rules: false))
        {
            return;
        }

        var rules = FilterScript.Read(text);
        (_foreign, _rules, _text) = (rules is null, rules ?? [], rules is null ? text : null);
    }

    private async Task<bool> SaveAsync(string text, bool rules)
    {
        try
        {
            await Filters.SaveAsync(text, rules);
            _problem = null;
            Toasts.Done("Saved: it counts from the next message on");
            return true;
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(Log, e);
            _problem = e is JmapMethodException { Type: "invalidSieve" or "tooLarge" } method ? method.Description : "This could not be saved.";
            return false;
        }
    }

    // What a browser's field gives has bare line feeds.
    private static string Lines(string text) => text.ReplaceLineEndings("\r\n");
}
