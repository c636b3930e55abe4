using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Net;
using SaaS.MailHost.Smtp;
using SaaS.MailHost.Submission;

namespace SaaS.MailHost.Roles;

internal sealed class SubmissionRole : IRole
{
    public string Name => "submission";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSubmission();
        services.AddSmtp(configuration, Name, "Smtp:Submission", (p, options) =>
            new SmtpProfile(Name, Lmtp: false, OffersAuth: true, p.GetRequiredService<SubmissionPolicy>(), options));
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        kestrel.ListenMail(configuration, "Smtp:Submission:Port", 2587, p => p.GetRequiredKeyedService<SmtpServer>(Name));
        kestrel.ListenMail(configuration, "Smtp:Submission:TlsPort", 2465, p => p.GetRequiredKeyedService<SmtpServer>(Name), implicitTls: true);
    }
}
