using Microsoft.Extensions.DependencyInjection.Extensions;
using SaaS.Domain.Delivery;
using SaaS.Domain.Queue;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.Router.Filters;

namespace SaaS.MailHost.Router;

internal static class RouterServices
{
    /// <summary>Router, hand-over and the fan-out worker: for every role through which mail enters. May be called by several.</summary>
    public static IServiceCollection AddRouter(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new RouterOptions();
        configuration.GetSection("Router").Bind(options);
        options.HostName = configuration["Host:Name"] ?? options.HostName;
        services.TryAddSingleton(options);
        services.TryAddSingleton(MailAuthOptions.From(configuration));
        services.TryAddSingleton<ReturnPaths>();
        services.TryAddSingleton<AddressDirectory>();
        services.TryAddSingleton<IMessageRouter, MessageRouter>();
        services.TryAddSingleton<FilterCache>();
        services.TryAddSingleton<FilterMetrics>();
        services.TryAddSingleton<FilteredDelivery>();
        services.TryAddSingleton<LocalDelivery>();
        services.TryAddSingleton<MessageHandover>();
        services.TryAddSingleton<Settlement>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FanOutWorker>());
        return services;
    }
}
