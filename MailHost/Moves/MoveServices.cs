using System.Net;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Moves;

internal static class MoveServices
{
    public static IServiceCollection AddMoves(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<MoveOptions>(configuration, MoveOptions.Section)
            .Validate(o => o.Concurrent is >= 0 and <= 1000, "Moves:Concurrent is a number from 0 to 1000.")
            .Validate(o => o.PerHost >= 1, "Moves:PerHost must be above zero.")
            .Validate(o => o.MessagesPerSecond >= 1 && o.BytesPerSecond >= 1024, "Moves:MessagesPerSecond and Moves:BytesPerSecond must be above zero (1024 octets).")
            .Validate(o => o.MaxMessage is >= 1024 and <= int.MaxValue / 2, "Moves:MaxMessage is a number from 1024 to 1073741823.")
            .Validate(o => o.Lease >= TimeSpan.FromSeconds(1) && o.Silence > TimeSpan.Zero, "Moves:Lease and Moves:Silence must be above zero.")
            .Validate(o => o.AllowedNetworks.TrueForAll(n => IPNetwork.TryParse(n, out _)), "Moves:AllowedNetworks holds something that is no network (10.0.0.0/8).");
        services.AddSingleton<MoveMetrics>();
        services.AddSingleton<SourceConnections>();
        services.AddHostedService<MoveWorker>();
        return services;
    }
}
