using MudBlazor;

namespace SaaS.Web.Portal;

/// <summary>Dialogs in the portal's manner.</summary>
internal static class PortalDialogs
{
    private static readonly DialogOptions Options = new()
    {
        MaxWidth = MaxWidth.Small,
        FullWidth = true,
        CloseOnEscapeKey = true,
        BackdropClick = false,
        CloseButton = false,
    };

    private static readonly DialogOptions Wide = Options with { MaxWidth = MaxWidth.Medium };

    /// <summary>Opens the dialog and returns its result, null where it was closed without one.</summary>
    public static async Task<TResult?> AskAsync<TDialog, TResult>(
        this IDialogService dialogs, DialogParameters<TDialog> parameters, bool wide = false)
        where TDialog : Microsoft.AspNetCore.Components.IComponent
    {
        var dialog = await dialogs.ShowAsync<TDialog>(null, parameters, wide ? Wide : Options);
        var result = await dialog.Result;
        return result is { Canceled: false, Data: TResult value } ? value : default;
    }

    /// <summary>Asks, does it while the dialog still shows (so that a refusal is read there), and says whether it was done.</summary>
    public static async Task<bool> ConfirmAsync(this IDialogService dialogs, Confirmation confirmation, Func<Task> action) =>
        await dialogs.AskAsync<ConfirmActionDialog, bool>(new DialogParameters<ConfirmActionDialog>
        {
            { d => d.Title, confirmation.Title },
            { d => d.Text, confirmation.Text },
            { d => d.Verb, confirmation.Verb },
            { d => d.Danger, confirmation.Danger },
            { d => d.TypeToConfirm, confirmation.TypeToConfirm },
            { d => d.Consequences, confirmation.Consequences },
            { d => d.Action, action },
        });
}

/// <summary>What a confirmation says.</summary>
internal sealed record Confirmation(string Title, string? Text = null, string Verb = "Delete")
{
    public bool Danger { get; init; } = true;
    public string? TypeToConfirm { get; init; }
    public IReadOnlyList<string> Consequences { get; init; } = [];
}
