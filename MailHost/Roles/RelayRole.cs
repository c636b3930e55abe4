using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

internal sealed class RelayRole : IRole
{
    public string Name => "relay";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
