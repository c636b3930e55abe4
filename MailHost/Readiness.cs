using Microsoft.Extensions.Options;
using Npgsql;
using SaaS.MailHost.Net;

namespace SaaS.MailHost;

/// <summary>Answers /health/ready. On shutdown it says no first; only then the listeners close and the connections drain.</summary>
internal sealed class Readiness(NpgsqlDataSource source, IOptions<DrainOptions> drain, IHostApplicationLifetime lifetime, TimeProvider clock)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private bool _started;
    private bool _stopping;

    /// <summary>No new work: the process stops, or an operator asked for it.</summary>
    public bool Draining => _stopping || AskedToDrain;

    /// <summary>An operator took this node out of rotation; follows the node table within a heartbeat.</summary>
    public bool AskedToDrain { get; set; }

    public async Task<IResult> AnswerAsync(CancellationToken ct)
    {
        if (!_started || Draining || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Results.Text(Draining ? "draining" : "starting", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(Patience);
        try
        {
            await using var command = source.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(timeout.Token);
            return Results.Text("ready");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return Results.Text("database away", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        if (drain.Value.ReadyDelay > TimeSpan.Zero)
        {
            await Task.Delay(drain.Value.ReadyDelay, clock, cancellationToken);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
