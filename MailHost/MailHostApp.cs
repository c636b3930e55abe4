using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SaaS.Domain;
using SaaS.MailHost.Net;
using SaaS.MailHost.Roles;

namespace SaaS.MailHost;

/// <summary>The process: reads its configuration, starts the roles that it names, serves health and metrics, drains on shutdown.</summary>
internal static class MailHostApp
{
    /// <summary>Exit code 0 after an orderly stop, 1 with one line on standard error when it could not start.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (Moves.Import.ImportCommand.Is(args))
            {
                return await Moves.Import.ImportCommand.RunAsync(args, CancellationToken.None);
            }

            await using var app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (StartFault(e) is { } line)
        {
            await Console.Error.WriteLineAsync($"mailhost: {line}");
            return 1;
        }
    }

    /// <param name="args">Command line.</param>
    /// <param name="configure">For tests: configuration and services on top.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(MailHostApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        configure?.Invoke(builder);
        var configuration = builder.Configuration;
        var roles = RoleTable.Select(configuration["Roles"]);

        builder.Services.AddDomain(configuration, fenced: false);
        builder.Services.AddNet(configuration);
        builder.Services.AddSingleton(new NodeIdentity("mailhost", [.. roles.Select(r => r.Name)]));
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddHostedService(p => p.GetRequiredService<Readiness>());
        builder.Services.AddHostedService<NodeHeartbeat>();
        AddTelemetry(builder);
        foreach (var role in roles)
        {
            role.AddServices(builder.Services, configuration);
        }

        // What a peer has sent and no session has read yet is stored too: a connection costs no more than this, signed in or not.
        builder.WebHost.UseSockets(sockets => sockets.MaxReadBufferSize = 64 * 1024);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenHttp(configuration);
            foreach (var role in roles)
            {
                role.Listen(kestrel, configuration);
            }
        });

        var drain = configuration.GetSection(DrainOptions.Section).Get<DrainOptions>() ?? new DrainOptions();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = drain.ReadyDelay + drain.Limit);

        var app = builder.Build();
        app.MapGet("/health/live", () => "live");
        app.MapGet("/health/ready", (Readiness readiness, CancellationToken ct) => readiness.AnswerAsync(ct));
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }

    private static void AddTelemetry(WebApplicationBuilder builder)
    {
        // Kestrel would announce every mail port as http://…; the roles log their own table.
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // A failed start is told in one line by RunAsync; a background service that dies is critical.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        var telemetry = builder.Services.AddOpenTelemetry();
        telemetry.WithMetrics(metrics => metrics
            .AddMeter("SaaS.*", "Npgsql")
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter());
            telemetry.WithTracing(tracing => tracing.AddSource("SaaS.*").AddNpgsql().AddAspNetCoreInstrumentation().AddOtlpExporter());
        }
    }

    /// <summary>What to say of a failed start in one line; null where it is a bug that deserves its stack.</summary>
    private static string? StartFault(Exception e) => e switch
    {
        OptionsValidationException o => string.Join(" ", o.Failures),
        ConfigurationException => e.Message,
        IOException { InnerException: AddressInUseException } => e.Message.Replace("http://", "", StringComparison.Ordinal),
        InvalidOperationException { InnerException: FormatException or ArgumentException } => e.Message,
        InvalidOperationException when e.Message.Contains("ConnectionStrings:", StringComparison.Ordinal) => e.Message,
        NpgsqlException => $"the database does not answer: {e.Message}",
        _ => null,
    };
}
