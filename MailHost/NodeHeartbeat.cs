using Npgsql;

namespace SaaS.MailHost;

/// <summary>Writes this process into the node table every ten seconds, and takes it out at the end.</summary>
internal sealed partial class NodeHeartbeat(NodeIdentity node, NpgsqlDataSource source, Readiness readiness, TimeProvider clock, ILogger<NodeHeartbeat> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly DateTimeOffset _started = clock.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await BeatAsync(stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Missed(log, e.Message);
                await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var command = source.CreateCommand("DELETE FROM node WHERE id = $1");
            command.Parameters.AddWithValue(node.Id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            Missed(log, e.Message);
        }
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO node (id, process, host, roles, version, started_at, heartbeat_at, draining) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET roles = $4, version = $5, started_at = $6, heartbeat_at = $7, draining = $8
            RETURNING drain_requested_at IS NOT NULL
            """);
        command.Parameters.AddWithValue(node.Id);
        command.Parameters.AddWithValue(node.Process);
        command.Parameters.AddWithValue(node.Host);
        command.Parameters.AddWithValue(node.Roles.ToArray());
        command.Parameters.AddWithValue(node.Version);
        command.Parameters.AddWithValue(_started);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        command.Parameters.AddWithValue(readiness.Draining);
        readiness.AskedToDrain = await command.ExecuteScalarAsync(ct) is true;
    }

    [LoggerMessage(10, LogLevel.Warning, "Heartbeat missed: {Reason}")]
    private static partial void Missed(ILogger log, string reason);
}
