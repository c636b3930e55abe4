using Microsoft.JSInterop;

namespace SaaS.Web.Webmail;

/// <summary>What this browser remembers of the user's taste. Kept in the browser, read once per circuit.</summary>
public sealed class MailPreferences(IJSRuntime js)
{
    private Task? _loading;

    public int UndoSeconds { get; private set; } = 8;
    public bool Conversations { get; private set; } = true;
    public bool Dark { get; set; }
    public string Density { get; private set; } = "comfortable";
    public HashSet<string> ImagesFrom { get; private set; } = new(StringComparer.OrdinalIgnoreCase);
    public int RowHeight => Density == "compact" ? 56 : 76;

    public Task LoadAsync() => _loading ??= ReadAsync();

    public async Task SaveAsync(int? undoSeconds = null, bool? conversations = null, string? density = null)
    {
        UndoSeconds = undoSeconds ?? UndoSeconds;
        Conversations = conversations ?? Conversations;
        if (density is not null)
        {
            Density = density;
            await js.InvokeVoidAsync("theme.chooseDensity", density);
        }

        await WriteAsync();
    }

    public async Task AllowImagesAsync(string sender)
    {
        if (ImagesFrom.Add(sender))
        {
            await WriteAsync();
        }
    }

    private async Task ReadAsync()
    {
        var stored = await js.InvokeAsync<Stored?>("mailPrefs.read");
        Density = await js.InvokeAsync<string>("theme.density");
        Dark = await js.InvokeAsync<bool>("theme.isDark");
        if (stored is not null)
        {
            UndoSeconds = Math.Clamp(stored.UndoSeconds, 0, 60);
            Conversations = stored.Conversations;
            ImagesFrom = new(stored.ImagesFrom?.Take(1000) ?? [], StringComparer.OrdinalIgnoreCase);
        }
    }

    private async Task WriteAsync() =>
        await js.InvokeVoidAsync("mailPrefs.write", new Stored(UndoSeconds, Conversations, [.. ImagesFrom]));

    private sealed record Stored(int UndoSeconds, bool Conversations, IReadOnlyList<string>? ImagesFrom);
}
