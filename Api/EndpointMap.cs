using SaaS.Api.Accounts;
using SaaS.Api.Aliases;
using SaaS.Api.AppPasswords;
using SaaS.Api.Audit;
using SaaS.Api.Branding;
using SaaS.Api.Domains;
using SaaS.Api.Groups;
using SaaS.Api.LegacyPlatforms;
using SaaS.Api.Me;
using SaaS.Api.Nodes;
using SaaS.Api.OAuthClients;
using SaaS.Api.Plans;
using SaaS.Api.Queue;
using SaaS.Api.Resellers;
using SaaS.Api.Settings;
using SaaS.Api.Tenants;

namespace SaaS.Api;

/// <summary>Every REST feature, one line each.</summary>
internal static class EndpointMap
{
    public static void MapRest(this WebApplication app)
    {
        app.MapResellers();
        app.MapPlans();
        app.MapLegacyPlatforms();
        app.MapTenants();
        app.MapDomains();
        app.MapAccounts();
        app.MapAliases();
        app.MapGroups();
        app.MapSettings();
        app.MapBranding();
        app.MapQueue();
        app.MapNodes();
        app.MapAudit();
        app.MapMe();
        app.MapAppPasswords();
        app.MapOAuthClients();
    }
}
