using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.ManageSieve;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Roles;

internal sealed class SieveRole : IRole
{
    public string Name => "sieve";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<ManageSieveOptions>(configuration, ManageSieveOptions.Section)
            .Validate(o => o.LoginTimeout > TimeSpan.Zero && o.IdleTimeout > TimeSpan.Zero && o.WriteTimeout > TimeSpan.Zero && o.FailedLoginDelay >= TimeSpan.Zero, "Sieve: a time must not be negative.")
            .Validate(o => o is { MaxBadCommands: > 0, MaxFailedLogins: > 0, MaxAnonymousCommand: >= 1024 }, "Sieve: a limit is too small to talk.");
        services.AddSingleton<ManageSieveMetrics>();
        services.AddSingleton<ManageSieveServer>();
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration) =>
        kestrel.ListenMail<ManageSieveServer>(configuration, "Sieve:Port", 24190);
}
