using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Relay;
using SaaS.MailHost.Router;

namespace SaaS.MailHost.Roles;

internal sealed class RelayRole : IRole
{
    public string Name => "relay";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddRouter(configuration);
        services.AddRelay(configuration);
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
