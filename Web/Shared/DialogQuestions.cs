using MudBlazor;

namespace SaaS.Web.Shared;

public static class DialogQuestions
{
    /// <summary>Asks before something that cannot be undone. True when the user agreed.</summary>
    public static async Task<bool> ConfirmAsync(
        this IDialogService dialogs, string title, string text, string action, bool dangerous = false, string? retype = null)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, title },
            { d => d.Text, text },
            { d => d.Action, action },
            { d => d.Dangerous, dangerous },
            { d => d.Retype, retype },
        };
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await dialog.Result is { Canceled: false };
    }
}
