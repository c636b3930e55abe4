using Npgsql;

namespace SaaS.Api.Hosting;

/// <summary>Writes this process into the node table every ten seconds, and takes it out at the end.</summary>
internal sealed partial class NodeHeartbeat(
    NpgsqlDataSource source, IHostApplicationLifetime life, TimeProvider clock, ILogger<NodeHeartbeat> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly string[] Roles = ["api"];
    private readonly string _id = string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}:api:{Environment.ProcessId}");

    /// <summary>An operator took this node out of rotation; follows the node table within a heartbeat.</summary>
    public bool AskedToDrain { get; private set; }

    private readonly DateTimeOffset _started = clock.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await BeatAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Missed(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var command = source.CreateCommand("DELETE FROM node WHERE id = $1");
            command.Parameters.AddWithValue(_id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            Missed(log, e.Message);
        }
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO node (id, process, host, roles, version, started_at, heartbeat_at, draining) VALUES ($1, 'api', $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET heartbeat_at = $6, draining = $7 RETURNING drain_requested_at IS NOT NULL
            """);
        command.Parameters.AddWithValue(_id);
        command.Parameters.AddWithValue(Environment.MachineName);
        command.Parameters.AddWithValue(Roles);
        command.Parameters.AddWithValue(typeof(NodeHeartbeat).Assembly.GetName().Version?.ToString(3) ?? "0");
        command.Parameters.AddWithValue(_started);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        command.Parameters.AddWithValue(life.ApplicationStopping.IsCancellationRequested || AskedToDrain);
        AskedToDrain = await command.ExecuteScalarAsync(ct) is true;
    }

    [LoggerMessage(7001, LogLevel.Warning, "Heartbeat missed: {Reason}")]
    private static partial void Missed(ILogger log, string reason);
}
