using Microsoft.AspNetCore.Components;
using MudBlazor;
using SaaS.Web.Shared;

namespace SaaS.Web.Portal;

/// <summary>A page that shows itself at once, loads what it shows after that, and says so when it could not.</summary>
public abstract class PortalPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private bool _started;

    [Inject] protected Toasts Toasts { get; set; } = null!;
    [Inject] protected IDialogService Dialogs { get; set; } = null!;
    [Inject] protected NavigationManager Navigation { get; set; } = null!;
    [Inject] protected TimeProvider Clock { get; set; } = null!;

    /// <summary>Cancelled when the reader has left the page.</summary>
    protected CancellationToken Gone => _gone.Token;

    protected Failure? Failed { get; private set; }

    /// <summary>Fetches all that the page shows.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    protected async Task ReloadAsync()
    {
        try
        {
            await LoadAsync();
            Failed = null;
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            Failed = failure;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }

        await InvokeAsync(StateHasChanged);
    }

    /// <summary>Runs a change; a refusal becomes a toast. True where it was done.</summary>
    protected async Task<bool> TryAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            Toasts.Failed(failure.Text);
            return false;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _started = true;
            await ReloadAsync();
        }
    }

    /// <summary>Says what was done and offers to take it back.</summary>
    protected void DoneWithUndo(string text, Func<Task> undo) => Toasts.Offer(text, "Undo", async () =>
    {
        await TryAsync(undo);
        await ReloadAsync();
    });

    /// <summary>For pages whose route names an object: call when the id changed.</summary>
    protected Task RouteChangedAsync() => _started ? ReloadAsync() : Task.CompletedTask;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gone.Cancel();
            _gone.Dispose();
        }
    }
}
