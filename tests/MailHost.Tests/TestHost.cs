using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using SaaS.MailHost.Net;
using SaaS.MailHost.Tests.Transcripts;
using SaaS.TestKit;

namespace SaaS.MailHost.Tests;

/// <summary>
/// MailHost as it is, on a database of its own. Not started: no port is open and no background service runs, connections come
/// in through <see cref="ConnectAsync{TServer}"/>. After <see cref="StartAsync"/> it listens where the settings say.
/// </summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _data = Directory.CreateTempSubdirectory("postyard-mailhost-").FullName;

    private TestHost(string connectionString, IEnumerable<KeyValuePair<string, string?>> settings, bool manualClock)
    {
        ConnectionString = connectionString;
        Clock = manualClock ? new ManualClock() : null;
        _app = MailHostApp.Build([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = connectionString,
                ["Data:Path"] = _data,
                ["Host:Name"] = "mx.test",
                // Nobody answers there: no test hangs on the machine's own resolver.
                ["Dns:Server"] = "127.0.0.1:1",
                ["Dns:Timeout"] = "00:00:00.2",
            });
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders();
            if (Environment.GetEnvironmentVariable("TEST_LOG") is { Length: > 0 })
            {
                builder.Logging.AddSimpleConsole();
            }

            if (Clock is not null)
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            }
        });
    }

    public string ConnectionString { get; }

    /// <summary>Null with the machine's own clock.</summary>
    public ManualClock? Clock { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestHost> CreateAsync(bool manualClock = true, params (string Key, string Value)[] settings) =>
        new(await TestPostgres.CreateDatabaseAsync(), settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)), manualClock);

    /// <summary>Another node on a database that exists, with the machine's own clock.</summary>
    public static TestHost On(string connectionString, params (string Key, string Value)[] settings) =>
        new(connectionString, settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)), manualClock: false);

    public Task StartAsync() => _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public Task<TestClient> ConnectAsync<TServer>(bool implicitTls = false, string address = "192.0.2.7")
        where TServer : class, IConnectionServer =>
        ConnectAsync(Services.GetRequiredService<TServer>(), implicitTls, address);

    public Task<TestClient> ConnectAsync(IConnectionServer server, bool implicitTls = false, string address = "192.0.2.7") =>
        TestClient.ConnectAsync(Services.GetRequiredService<ConnectionFrame>(), server, implicitTls, address);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
