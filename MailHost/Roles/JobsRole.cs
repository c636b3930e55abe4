using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Jobs;

namespace SaaS.MailHost.Roles;

internal sealed class JobsRole : IRole
{
    public string Name => "jobs";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddJobs();
        services.AddHostedService<SearchIndexing>();
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
