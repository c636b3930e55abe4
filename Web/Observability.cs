using System.Net;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SaaS.Web;

internal static class Observability
{
    public static void AddObservability(this IServiceCollection services)
    {
        var telemetry = services.AddOpenTelemetry()
            .WithMetrics(m => m
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Components.Server.Circuits", "SaaS.Web")
                .AddPrometheusExporter())
            .WithTracing(t => t.AddAspNetCoreInstrumentation());
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            OpenTelemetry.OpenTelemetryBuilderOtlpExporterExtensions.UseOtlpExporter(telemetry);
        }
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).AllowAnonymous();
        app.MapGet("/health/ready", (IHostApplicationLifetime life) => life.ApplicationStopping.IsCancellationRequested
            ? Results.Text("stopping", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready")).AllowAnonymous();

        // The port is public, figures are not: only this machine reads them, unless a network is named.
        var networks = (app.Configuration.GetSection("Metrics:Networks").Get<string[]>() ?? [])
            .Select(System.Net.IPNetwork.Parse).ToArray();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context =>
            context.Request.Path == "/metrics"
            && context.Connection.RemoteIpAddress is { } from
            && (IPAddress.IsLoopback(from) || Array.Exists(networks, n => n.Contains(from))));
    }
}
