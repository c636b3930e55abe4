using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

internal sealed class ImapRole : IRole
{
    public string Name => "imap";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
