using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Net;
using SaaS.MailHost.Pop3;

namespace SaaS.MailHost.Roles;

internal sealed class Pop3Role : IRole
{
    public string Name => "pop3";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<Pop3Options>(configuration, Pop3Options.Section)
            .Validate(
                o => o.LoginTimeout > TimeSpan.Zero && o.IdleTimeout > TimeSpan.Zero && o.WriteTimeout > TimeSpan.Zero && o.FailedLoginDelay >= TimeSpan.Zero
                    && o.LoginDelay >= TimeSpan.Zero, "Pop3: a time must not be negative.")
            .Validate(o => o is { MaxBadCommands: > 0, MaxFailedLogins: > 0, MaxMessages: > 0 }, "Pop3: a limit must be above zero.");
        services.AddSingleton<Pop3Metrics>();
        services.AddSingleton<Pop3Server>();
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        kestrel.ListenMail<Pop3Server>(configuration, "Pop3:Port", 2110);
        kestrel.ListenMail<Pop3Server>(configuration, "Pop3:TlsPort", 2995, implicitTls: true);
    }
}
