using Npgsql;
using OpenIddict.Abstractions;
using SaaS.Domain.Accounts;
using SaaS.Domain.Limits;

namespace SaaS.Api.Hosting;

/// <summary>Throws away what is over: tokens, authorizations, sessions, counts, and answers kept for repeated creates. Any number of nodes may do it at once.</summary>
internal sealed partial class TokenSweep(
    IServiceScopeFactory scopes, NpgsqlDataSource source, UserSessions sessions, SharedCounters counters, TimeProvider clock, ILogger<TokenSweep> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var before = clock.GetUtcNow() - TimeSpan.FromDays(1);
                await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, stoppingToken);
                await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, stoppingToken);
                await sessions.SweepAsync(stoppingToken);
                await counters.SweepAsync(stoppingToken);
                await using var command = source.CreateCommand("DELETE FROM idempotency_key WHERE created_at < $1");
                command.Parameters.AddWithValue(before);
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or AggregateException)
            {
                Failed(log, e);
            }
        }
    }

    [LoggerMessage(7002, LogLevel.Warning, "Sweeping old tokens failed; it is tried again in an hour.")]
    private static partial void Failed(ILogger log, Exception error);
}
