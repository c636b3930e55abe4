namespace SaaS.Web.Auth;

/// <summary>Deletes sessions nobody has used for longer than a sign-in lasts.</summary>
internal sealed class SessionSweep(SessionFolder folder, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(6), clock);
        do
        {
            var oldest = clock.GetUtcNow() - WebAuth.SessionLifetime;
            foreach (var file in new DirectoryInfo(folder.Sessions).EnumerateFiles())
            {
                if (file.LastWriteTimeUtc < oldest.UtcDateTime)
                {
                    file.Delete();
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
