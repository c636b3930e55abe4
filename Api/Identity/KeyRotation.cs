using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Npgsql;
using OpenIddict.Server;
using OpenIddict.Validation;

namespace SaaS.Api.Identity;

/// <summary>Looks every hour whether token keys are due, and takes over what other nodes made without a restart.</summary>
internal sealed partial class KeyRotation(OpenIddictKeys keys, TimeProvider clock, ILogger<KeyRotation> log)
    : BackgroundService, IOptionsChangeTokenSource<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictValidationOptions>
{
    private CancellationTokenSource _changed = new();
    private string _seen = "";

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    /// <summary>One look.</summary>
    public void Look()
    {
        keys.Rotate();
        var now = keys.Fingerprint();
        if (_seen.Length > 0 && _seen != now)
        {
            Changed(log, now);
            Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
        }

        _seen = now;
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // A key that cannot be read stops the process here, with the line that says which file is missing.
        Look();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Look();
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Failed(log, e);
            }
        }
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    [LoggerMessage(7110, LogLevel.Information, "The token keys are now {Keys}; the first one signs.")]
    private static partial void Changed(ILogger log, string keys);

    [LoggerMessage(7111, LogLevel.Warning, "The token keys could not be looked at; it is tried again in an hour.")]
    private static partial void Failed(ILogger log, Exception error);
}
