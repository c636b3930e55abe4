using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost;
using SaaS.MailHost.Net;
using SaaS.Migrations.Seed;
using SaaS.TestKit;

namespace SaaS.Fuzz;

/// <summary>MailHost as it is, not started, on a database of its own with two accounts and a few messages. Faults that it logs are kept.</summary>
internal sealed class FuzzHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _data = Directory.CreateTempSubdirectory("postyard-fuzz-").FullName;
    private int _connections;

    private FuzzHost(string connectionString, (string Key, string Value)[] settings) => _app = MailHostApp.Build([], builder =>
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = connectionString + ";Maximum Pool Size=8",
            ["Data:Path"] = _data,
            ["Host:Name"] = "mx.test",
            ["Auth:AllowPlaintextAuth"] = "true",
            ["Imap:FailedLoginDelay"] = "00:00:00",
            ["Pop3:FailedLoginDelay"] = "00:00:00",
            ["Sieve:FailedLoginDelay"] = "00:00:00",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.ClearProviders().AddProvider(Faults);
    });

    public FaultLog Faults { get; } = new();

    public IServiceProvider Services => _app.Services;

    public static async Task<FuzzHost> CreateAsync(params (string Key, string Value)[] settings)
    {
        var host = new FuzzHost(await TestPostgres.CreateDatabaseAsync(), settings);
        var source = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var command = source.CreateCommand("""
            INSERT INTO reseller (name, suspended, max_tenants, max_accounts, created_at) VALUES ('R', false, 0, 0, now());
            INSERT INTO plan (name, account_quota_bytes, max_accounts, max_domains, max_message_bytes, send_per_day, created_at)
            VALUES ('P', 1000000000, 0, 0, 100000000, 2000, now());
            INSERT INTO tenant (reseller_id, plan_id, name, suspended, created_at) VALUES (1, 1, 'T', false, now());
            INSERT INTO mail_domain (tenant_id, name, state, verification_token, created_at) VALUES (1, 'example.test', 1, 'x', now());
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        // One round of hashing: each input signs in.
        var hasher = new PasswordHasher<AppUser>(Options.Create(new PasswordHasherOptions { IterationCount = 1 }));
        await AccountRows.AddAsync(
            source, new TenantId(1), new DomainId(1), "example.test", 2, 1_000_000_000, hasher.HashPassword(null!, "secret"), CancellationToken.None);
        foreach (var seed in new Targets.MimeTarget().Seeds())
        {
            using var bytes = MessageBytes.From(seed);
            await host.Services.GetRequiredService<MessageStore>().StoreAsync(
                new Domain.Delivery.StoreRequest { Account = new AccountId(1), Tenant = new TenantId(1), Message = bytes, SpecialUse = SpecialUse.Inbox },
                CancellationToken.None);
        }

        return host;
    }

    /// <summary>All that the server says to a client that sends this and goes.</summary>
    public async Task<string> TalkAsync(IConnectionServer server, byte[] input)
    {
        var toServer = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
        var toClient = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
        var n = ++_connections;
        await using var context = new DefaultConnectionContext($"f{n}", new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer))
        {
            RemoteEndPoint = new IPEndPoint(new IPAddress([10, (byte)(n >> 16), (byte)(n >> 8), (byte)n]), 40000),
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
        };
        await toServer.Writer.WriteAsync(input);
        await toServer.Writer.CompleteAsync();
        await Services.GetRequiredService<ConnectionFrame>().RunAsync(context, server, implicitTls: false);
        await toClient.Writer.CompleteAsync();
        var said = new MemoryStream();
        await toClient.Reader.CopyToAsync(said);
        return System.Text.Encoding.Latin1.GetString(said.GetBuffer(), 0, (int)said.Length);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>What was logged as an error.</summary>
    internal sealed class FaultLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _faults = new();

        public string? Take() => _faults.TryDequeue(out var fault) ? fault : null;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                _faults.Enqueue($"{formatter(state, exception)}\n{exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
