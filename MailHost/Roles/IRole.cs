using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SaaS.MailHost.Roles;

/// <summary>A part that can run alone. States three things and holds no logic.</summary>
internal interface IRole
{
    string Name { get; }

    void AddServices(IServiceCollection services, IConfiguration configuration);

    void Listen(KestrelServerOptions kestrel, IConfiguration configuration);
}
