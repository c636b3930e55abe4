using Xunit;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>One service for the tests that do not stop it, with a name server and a mail server of the outside world beside it.</summary>
[CollectionDefinition(Name)]
public sealed class ServiceCollection : ICollectionFixture<SharedService>
{
    public const string Name = "service";
}

/// <summary>See <see cref="ServiceCollection"/>.</summary>
public sealed class SharedService : IAsyncLifetime
{
    private NameServer? _names;

    internal RemotePostfix? Remote { get; private set; }

    internal Service Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new List<string> { "--accounts", "50" };
        var environment = new Dictionary<string, string>();
        _names = await NameServer.TryStartAsync();
        if (_names is not null)
        {
            options.AddRange(["--dns", $"127.0.0.1:{_names.Port}"]);
        }

        Remote = await RemotePostfix.TryStartAsync();
        if (Remote is not null)
        {
            environment["Relay__Port"] = Remote.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        Service = await Service.StartAsync(Tools.PortBase, options, CancellationToken.None, environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
        {
            await Service.DisposeAsync();
        }

        if (Remote is not null)
        {
            await Remote.DisposeAsync();
        }

        _names?.Dispose();
    }
}
