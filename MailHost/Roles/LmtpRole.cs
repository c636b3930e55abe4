using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Lmtp;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Roles;

internal sealed class LmtpRole : IRole
{
    public string Name => "lmtp";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<LmtpPolicy>();
        services.AddSmtp(configuration, Name, "Smtp:Lmtp", (p, options) =>
            new SmtpProfile(Name, Lmtp: true, OffersAuth: false, p.GetRequiredService<LmtpPolicy>(), options));
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        kestrel.ListenMail(configuration, "Smtp:Lmtp:Port", 2424, p => p.GetRequiredKeyedService<SmtpServer>(Name));
    }
}
