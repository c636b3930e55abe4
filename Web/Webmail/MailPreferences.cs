using System.Text.Json;
using Microsoft.JSInterop;
using SaaS.Client.Http;
using SaaS.Client.Me;

namespace SaaS.Web.Webmail;

/// <summary>
/// The user's taste, kept on the server for every device; what is not set is as the organisation has it. The browser keeps a copy of what the
/// first paint needs (theme, density), so that nothing jumps.
/// </summary>
public sealed class MailPreferences(IJSRuntime js, MeClient me, ILogger<MailPreferences> log) : IDisposable
{
    private DotNetObjectReference<MailPreferences>? _self;
    private Task? _loading;
    private IReadOnlyDictionary<string, JsonElement> _values = new Dictionary<string, JsonElement>();

    public string Theme => Text("theme", "system");
    public string Density => Text("density", "comfortable");
    public string ReadingPane => Text("readingPane", "right");
    public bool AlwaysImages => Text("remoteImages", "ask") == "always";
    public int UndoSeconds => _values.TryGetValue("webmail.undoSeconds", out var v) && v.TryGetInt32(out var n) ? Math.Clamp(n, 0, 60) : 8;
    public bool Keyboard => Flag("keyboard");
    public bool Conversations => Flag("conversations");
    public IReadOnlySet<string> ImagesFrom { get; private set; } = new HashSet<string>();

    /// <summary>What is on the screen now, whoever chose it.</summary>
    public bool Dark { get; private set; }

    /// <summary>Height of a line of the list, pixels, as the style sheet has it.</summary>
    public int RowHeight { get; private set; } = 76;

    /// <summary>A narrow window, or no reading pane: list and conversation take turns.</summary>
    public bool ListHidden { get; private set; }

    /// <summary>A preference, the theme on the screen or the height of a row changed.</summary>
    public event Action? Changed;

    public Task LoadAsync() => _loading is { IsFaulted: false, IsCanceled: false } running ? running : _loading = ReadAsync();

    /// <summary>Sets one: shown at once, then stored.</summary>
    /// <exception cref="ApiException">It could not be stored.</exception>
    public async Task SetAsync(string name, object value)
    {
        var key = "webmail." + name;
        var before = _values;
        _values = new Dictionary<string, JsonElement>(_values, StringComparer.Ordinal) { [key] = JsonSerializer.SerializeToElement(value) };
        await ShowAsync();
        try
        {
            Take(await me.SetPreferencesAsync(new Dictionary<string, object?> { [key] = value }, CancellationToken.None));
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            _values = before;
            await ShowAsync();
            throw;
        }
    }

    /// <summary>From any page: without loading the rest first, and only stored where the user has a mailbox.</summary>
    /// <exception cref="ApiException">It could not be stored.</exception>
    public async Task StoreThemeAsync(string theme)
    {
        if (_values.Count > 0)
        {
            await SetAsync("theme", theme);
        }
        else
        {
            await me.SetPreferencesAsync(new Dictionary<string, object?> { ["webmail.theme"] = theme }, CancellationToken.None);
        }
    }

    public async Task AllowImagesAsync(string sender)
    {
        if (!ImagesFrom.Contains(sender))
        {
            await SetAsync("imagesFrom", ImagesFrom.Append(sender.ToLowerInvariant()).TakeLast(1000).ToArray());
        }
    }

    public Task ForgetImagesAsync() => SetAsync("imagesFrom", Array.Empty<string>());

    /// <summary>The browser tells what it shows: the system's theme or the width of the window changed.</summary>
    [JSInvokable]
    public void OnLook(bool dark, int rowHeight, bool alone)
    {
        (Dark, RowHeight, ListHidden) = (dark, Math.Clamp(rowHeight, 32, 120), alone);
        Changed?.Invoke();
    }

    public void Dispose() => _self?.Dispose();

    private async Task ReadAsync()
    {
        _self ??= DotNetObjectReference.Create(this);
        var look = await js.InvokeAsync<Look>("theme.watch", _self);
        (Dark, RowHeight, ListHidden) = (look.Dark, look.RowHeight, look.Alone);
        try
        {
            Take(await me.PreferencesAsync(CancellationToken.None));
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            // Mail with the defaults is better than none.
            WebmailLog.LoadFailed(log, e);
            return;
        }

        await ShowAsync();
    }

    private void Take(IReadOnlyDictionary<string, JsonElement> values)
    {
        _values = values;
        ImagesFrom = values.TryGetValue("webmail.imagesFrom", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(e => e.GetString() ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase)
            : new HashSet<string>(StringComparer.OrdinalIgnoreCase);
    }

    private async Task ShowAsync()
    {
        if (_values.Count > 0)
        {
            var look = await js.InvokeAsync<Look>("theme.show", Theme, Density, ReadingPane);
            (Dark, RowHeight, ListHidden) = (look.Dark, look.RowHeight, look.Alone);
        }

        Changed?.Invoke();
    }

    private string Text(string name, string otherwise) =>
        _values.TryGetValue("webmail." + name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString()! : otherwise;

    private bool Flag(string name) => !_values.TryGetValue("webmail." + name, out var v) || v.ValueKind != JsonValueKind.False;

    private sealed record Look(bool Dark, int RowHeight, bool Alone);
}
