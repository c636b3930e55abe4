using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

internal sealed class MxRole : IRole
{
    public string Name => "mx";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
