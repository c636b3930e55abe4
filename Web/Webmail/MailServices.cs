using Microsoft.AspNetCore.DataProtection;
using SaaS.Client.Http;
using SaaS.Client.Jmap;
using SaaS.Client.Me;
using SaaS.Web.Auth;
using SaaS.Web.Webmail.Compose;
using SaaS.Web.Webmail.Reading;
using SaaS.Web.Webmail.Settings;

namespace SaaS.Web.Webmail;

internal static class MailServices
{
    public static void AddWebmail(this IServiceCollection services)
    {
        services.AddApiClient(http => new JmapClient(http) { KeepToBaseAddress = true });
        services.AddApiClient(http => new MeClient(new ApiClient(http)));
        services.AddScoped<MailSession>();
        services.AddScoped<MailPreferences>();
        services.AddScoped<ComposeDesk>();
        services.AddScoped<MailFilters>();
        services.AddSingleton<MailHtml>();
        services.AddSingleton<RemoteImages>();
        services.AddSingleton(sp => new ImageLinks(sp.GetRequiredService<IDataProtectionProvider>(), sp.GetRequiredService<TimeProvider>()));
    }

    public static void MapWebmail(this IEndpointRouteBuilder routes)
    {
        ImageEndpoints.Map(routes);
        BlobEndpoints.Map(routes);
        PrintEndpoint.Map(routes);
    }
}
