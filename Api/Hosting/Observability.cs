using System.Net;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SaaS.Api.Hosting;

internal static class Observability
{
    public static void AddObservability(this IServiceCollection services)
    {
        var telemetry = services.AddOpenTelemetry()
            .WithMetrics(m => m.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter("Npgsql", "SaaS.Api", "SaaS.Domain").AddPrometheusExporter())
            .WithTracing(t => t.AddAspNetCoreInstrumentation().AddNpgsql());
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            OpenTelemetry.OpenTelemetryBuilderOtlpExporterExtensions.UseOtlpExporter(telemetry);
        }
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
        var networks = (app.Configuration.GetSection("Metrics:Networks").Get<string[]>() ?? []).Select(System.Net.IPNetwork.Parse).ToArray();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context =>
            context.Request.Path == "/metrics"
            && context.Connection.RemoteIpAddress is { } from
            && (IPAddress.IsLoopback(from) || Array.Exists(networks, n => n.Contains(from))));
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource source, NodeHeartbeat node, IHostApplicationLifetime life, CancellationToken ct)
    {
        if (life.ApplicationStopping.IsCancellationRequested)
        {
            return Results.Text("stopping", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        if (node.AskedToDrain)
        {
            return Results.Text("draining", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await using var command = source.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(patience.Token);
            return Results.Text("ready");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return Results.Text("database away", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
