using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.Mx;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp;

namespace SaaS.MailHost.Roles;

internal sealed class MxRole : IRole
{
    public string Name => "mx";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(MailAuthOptions.From(configuration));
        services.AddSingleton<MailAuthMetrics>();
        services.AddSingleton<DmarcPolicies>();
        services.AddSingleton<MessageChecks>();
        services.AddSingleton<MxPolicy>();
        services.AddSmtp(configuration, Name, "Smtp:Mx", (p, options) =>
            new SmtpProfile(Name, Lmtp: false, OffersAuth: false, p.GetRequiredService<MxPolicy>(), options));
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        kestrel.ListenMail(configuration, "Smtp:Mx:Port", 2525, p => p.GetRequiredKeyedService<SmtpServer>(Name));
    }
}
