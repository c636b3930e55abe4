namespace SaaS.Web.Portal;

/// <summary>A page that keeps itself up to date for as long as it is open.</summary>
public abstract class LivePage : OwnPage
{
    protected virtual TimeSpan Every => TimeSpan.FromSeconds(5);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (firstRender)
        {
            _ = FollowAsync();
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Every, Clock);
            while (await timer.WaitForNextTickAsync(Gone))
            {
                await InvokeAsync(ReloadAsync);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The reader left.
        }
    }
}
