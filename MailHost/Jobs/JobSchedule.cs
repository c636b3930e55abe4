using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.Jobs;

/// <summary>Everything periodic, a line each. Times are UTC.</summary>
internal static class JobSchedule
{
    private static void Add(IRecurringJobManager jobs)
    {
        jobs.AddOrUpdate<CollectContentsJob>("collect-contents", j => j.RunAsync(CancellationToken.None), "*/15 * * * *");
        jobs.AddOrUpdate<CollectBlobsJob>("collect-blobs", j => j.RunAsync(CancellationToken.None), "40 3 * * *");
        jobs.AddOrUpdate<CheckDomainsJob>("check-domains", j => j.RunAsync(CancellationToken.None), "*/5 * * * *");
        jobs.AddOrUpdate<PurgeJob>("purge", j => j.RunAsync(CancellationToken.None), "10 * * * *");
        jobs.AddOrUpdate<RetentionJob>("retention", j => j.RunAsync(CancellationToken.None), "25 2 * * *");
    }

    public static void AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<StoreCollector>();
        services.AddHangfire((provider, hangfire) => hangfire
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UsePostgreSqlStorage(
                storage => storage.UseConnectionFactory(new PooledConnections(provider.GetRequiredService<NpgsqlDataSource>())),
                new PostgreSqlStorageOptions { SchemaName = "hangfire", QueuePollInterval = TimeSpan.FromSeconds(15) }));
        services.AddHangfireServer(server =>
        {
            server.WorkerCount = 2;
            server.ServerName = Environment.MachineName;
        });
        services.AddHostedService<Registration>();
    }

    /// <summary>Registers the schedule once the storage can be reached; every node does, with the same result.</summary>
    private sealed class Registration(IRecurringJobManager jobs) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            Add(jobs);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class PooledConnections(NpgsqlDataSource source) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => source.CreateConnection();
    }
}
