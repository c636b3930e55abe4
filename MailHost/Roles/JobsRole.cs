using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

internal sealed class JobsRole : IRole
{
    public string Name => "jobs";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
