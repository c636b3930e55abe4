using Microsoft.Extensions.DependencyInjection.Extensions;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.AccessProxy;

internal static class AccessProxyServices
{
    public static IServiceCollection AddAccessProxy(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<AccessProxyOptions>(configuration, AccessProxyOptions.Section)
            .Validate(o => o.ConnectTimeout > TimeSpan.Zero && o.LoginTimeout > TimeSpan.Zero && o.DrainIdle > TimeSpan.Zero, "AccessProxy: a time must be above zero.")
            .Validate(o => o.IdleTimeout >= TimeSpan.FromMinutes(30), "AccessProxy:IdleTimeout must not be below 30 minutes.")
            .Validate(o => o is { ConnectionsPerHost: > 0 } && o.RestAfterFailure >= TimeSpan.Zero, "AccessProxy: a limit must be above zero.");
        services.TryAddSingleton<LegacyConnector>();
        services.TryAddSingleton<AccessProxyMetrics>();
        services.TryAddSingleton<AccessProxy>();
        return services;
    }
}
