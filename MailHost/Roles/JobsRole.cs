using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.MailHost.Jobs;
using SaaS.MailHost.Moves;

namespace SaaS.MailHost.Roles;

internal sealed class JobsRole : IRole
{
    public string Name => "jobs";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddJobs();
        services.AddHostedService<SearchIndexing>();
        services.AddMoves(configuration);
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
    }
}
