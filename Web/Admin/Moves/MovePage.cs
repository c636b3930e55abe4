using SaaS.Client.Moves;

namespace SaaS.Web.Admin.Moves;

/// <summary>A page about moves that keeps itself up to date while one of them is under way.</summary>
public abstract class MovePage : AdminPage
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    /// <summary>Whether anything on the page still changes.</summary>
    protected abstract bool UnderWay { get; }

    protected abstract Task FollowOnceAsync();

    protected static bool IsUnderWay(MoveView move) => move.State is MoveState.Waiting or MoveState.Running;

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
                if (UnderWay)
                {
                    await InvokeAsync(FollowOnceAsync);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The reader left.
        }
    }
}
