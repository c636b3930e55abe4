using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Dns;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;
using SaaS.Domain.Queue;
using SaaS.Domain.Messages.Search;
using SaaS.Domain.Sharing;
using SaaS.Domain.Sieve;
using SaaS.Domain.Sieve.Scripts;
using SaaS.Domain.Submissions;

namespace SaaS.Domain;

public static class DomainServices
{
    /// <summary>Everything of this project that the hosts share. Needs ConnectionStrings:Postgres.</summary>
    public static IServiceCollection AddDomain(this IServiceCollection services, IConfiguration configuration, bool fenced)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<Caller>();
        services.AddSingleton<DirectoryChanges>();
        services.AddSingleton(_ => CreateDataSource(configuration, unfenced: !fenced));
        services.AddDbContext<MailDbContext>((provider, options) =>
        {
            ConfigureModel(options, provider.GetRequiredService<NpgsqlDataSource>());
            options.AddInterceptors(provider.GetRequiredService<DirectoryChanges>());
            options.AddInterceptors(new Accounts.UserChanges(provider.GetRequiredService<IChangeFeed>()));
            if (fenced)
            {
                options.AddInterceptors(new TenancyFence(provider.GetRequiredService<Caller>()));
            }
        });
        services.AddSingleton(p => new MailDatabase(p.GetRequiredService<NpgsqlDataSource>()) { Fenced = fenced });
        services.AddChangeFeed(configuration);
        services.AddBlobStore(configuration);
        services.AddSingleton<MessageStore>();
        services.AddSingleton<IMailStore>(p => p.GetRequiredService<MessageStore>());
        services.AddSingleton<MailboxService>();
        services.AddSingleton(_ => configuration.GetSection("Sieve:Limits").Get<SieveLimits>() ?? new SieveLimits());
        services.AddSingleton<SieveScriptService>();
        services.AddSingleton<SieveMemoryStore>();
        services.AddSingleton<AnnotationStore>();
        services.AddSingleton<ShareDirectory>();
        services.AddSingleton<AccessControl>();
        services.AddSingleton<ReaderStates>();
        services.AddControlPlane();
        services.AddDns(configuration);
        services.AddQueue(configuration);
        services.AddSingleton<Accounts.PasswordAuthenticator>();
        services.AddSingleton<Accounts.AccessTokens>();
        services.AddSingleton<Submissions.SendAllowance>();
        services.AddSingleton<SearchBlocks>();
        services.AddSingleton<PostgresSearchIndex>();
        services.AddSingleton<ISearchIndex>(p => p.GetRequiredService<PostgresSearchIndex>());
        services.AddSingleton<MessageListCache>();
        services.AddSingleton<EmailQueryService>();
        services.AddSingleton<SubmissionService>();
        services.AddSingleton<IdentityService>();
        services.AddSingleton<Settings.PreferenceService>();
        return services;
    }

    private static void AddChangeFeed(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<PostgresChangeTransport>();
        services.AddSingleton<IChangePoll>(p => p.GetRequiredService<PostgresChangeTransport>());
        if (configuration["Redis:Configuration"] is { Length: > 0 } redis)
        {
            services.AddSingleton<IChangeTransport>(_ => new RedisChangeTransport(redis));
        }
        else
        {
            services.AddSingleton<IChangeTransport>(p => p.GetRequiredService<PostgresChangeTransport>());
        }

        services.AddSingleton<ChangeFeed.ChangeFeed>();
        services.AddSingleton<IChangeFeed>(p => p.GetRequiredService<ChangeFeed.ChangeFeed>());
        services.AddHostedService(p => p.GetRequiredService<ChangeFeed.ChangeFeed>());
    }

    private static void AddBlobStore(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetSection("Blobs:S3").Get<S3Options>() is { Bucket.Length: > 0 } s3)
        {
            services.AddSingleton<IBlobStore>(p =>
                new S3BlobStore(s3, p.GetRequiredService<NpgsqlDataSource>(), p.GetRequiredService<TimeProvider>()));
        }
        else
        {
            services.AddSingleton<IBlobStore, PostgresBlobStore>();
        }
    }

    /// <param name="configuration">Needs ConnectionStrings:Postgres.</param>
    /// <param name="unfenced">For the protocol servers. Their few statements all go by the account's indexes: planning a delivery anew each
    /// time costs twice what it takes to run it. And they leave nothing behind in a session, so a connection goes back into the pool as
    /// it is: resetting one is seven statements.</param>
    public static NpgsqlDataSource CreateDataSource(IConfiguration configuration, bool unfenced = false)
    {
        var text = configuration.GetConnectionString("Postgres")
            ?? throw new InvalidOperationException("ConnectionStrings:Postgres is not set.");
        var settings = new NpgsqlConnectionStringBuilder(text);
        if (!settings.ContainsKey("Maximum Pool Size"))
        {
            settings.MaxPoolSize = 32;
        }

        if (unfenced)
        {
            settings.NoResetOnClose = true;
            settings.Options = $"{settings.Options} -c plan_cache_mode=force_generic_plan".Trim();
        }

        // Statements of the hot path are prepared once a connection.
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public static DbContextOptionsBuilder ConfigureModel(DbContextOptionsBuilder options, NpgsqlDataSource source) =>
        options
            .UseNpgsql(source, npgsql => npgsql.MigrationsAssembly("SaaS.Migrations").MigrationsHistoryTable("schema_migration"))
            .UseSnakeCaseNamingConvention();
}
