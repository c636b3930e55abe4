using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

internal sealed class SubmissionRole : IRole
{
    public string Name => "submission";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
