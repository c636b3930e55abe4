using Microsoft.Extensions.DependencyInjection.Extensions;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.Net;
using SaaS.MailHost.Relay.Signing;
using SaaS.MailHost.Router;

namespace SaaS.MailHost.Relay;

internal static class RelayServices
{
    public static IServiceCollection AddRelay(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new RelayOptions();
        configuration.GetSection("Relay").Bind(options);
        options.HostName = configuration["Host:Name"] ?? options.HostName;
        options.OwnPort = configuration.GetValue("Smtp:Mx:Port", options.OwnPort);
        if (options.SmartHost.Length > 0
            && (options.SmartHost.LastIndexOf(':') is < 1 and var at || !ushort.TryParse(options.SmartHost.AsSpan(options.SmartHost.LastIndexOf(':') + 1), out _)))
        {
            throw new ConfigurationException($"Relay:SmartHost is not host:port: {options.SmartHost}");
        }

        services.AddSingleton(options);
        services.AddSingleton<MxLookup>();
        services.AddSingleton<DkimKeyRing>();
        services.TryAddSingleton(MailAuthOptions.From(configuration));
        services.TryAddSingleton(new RouterOptions { HostName = options.HostName });
        services.TryAddSingleton<ReturnPaths>();
        services.AddSingleton<ForwardedMail>();
        services.AddSingleton<MessageSigner>();
        services.AddSingleton<RelayMetrics>();
        services.AddSingleton<DestinationSender>();
        services.AddHostedService<RelayWorker>();
        return services;
    }
}
