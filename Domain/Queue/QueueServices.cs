using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SaaS.Domain.Delivery;

namespace SaaS.Domain.Queue;

public static class QueueServices
{
    public static IServiceCollection AddQueue(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new QueueOptions();
        configuration.GetSection("Queue").Bind(options);
        options.HostName = configuration["Host:Name"] ?? options.HostName;
        services.AddSingleton(options);
        services.AddSingleton<OutboundQueue>();
        services.AddSingleton<IOutboundQueue>(p => p.GetRequiredService<OutboundQueue>());
        return services;
    }
}
