using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace SaaS.Domain.Dns;

public static class DnsServices
{
    public static IServiceCollection AddDns(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new DnsOptions();
        configuration.GetSection("Dns").Bind(options);
        services.AddSingleton(options);
        services.AddSingleton<IDnsResolver, DnsResolver>();
        return services;
    }
}
