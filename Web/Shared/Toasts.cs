using MudBlazor;

namespace SaaS.Web.Shared;

/// <summary>Short messages at the foot of the page.</summary>
public sealed class Toasts(ISnackbar snackbar)
{
    public void Done(string text) => snackbar.Add(text, Severity.Normal, o => o.HideIcon = true);

    public void Failed(string text) => snackbar.Add(text, Severity.Error, o => o.VisibleStateDuration = 8000);

    /// <summary>A message with one action, such as Undo. Returns a handle that closes it early.</summary>
    public IDisposable Offer(string text, string action, Func<Task> onAction, TimeSpan? visible = null)
    {
        var toast = snackbar.Add(text, Severity.Normal, o =>
        {
            o.HideIcon = true;
            o.Action = action;
            o.ActionColor = Color.Inherit;
            o.VisibleStateDuration = (int)(visible ?? TimeSpan.FromSeconds(7)).TotalMilliseconds;
            o.OnClick = async _ => await onAction();
        });
        return new Closing(snackbar, toast);
    }

    private sealed class Closing(ISnackbar snackbar, Snackbar? toast) : IDisposable
    {
        public void Dispose()
        {
            if (toast is not null)
            {
                snackbar.Remove(toast);
            }
        }
    }
}
