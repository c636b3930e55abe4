using SaaS.Api.Hosting;
using SaaS.Client.Settings;

namespace SaaS.Api.Settings;

internal static class SettingEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/settings").WithTags("Settings").Problems();
        group.MapGet("/{scope}/{ownerId:long}", GetSettings.HandleAsync).RequireAuthorization(Policies.Admin).Produces<EffectiveSettings>();
        group.MapPut("/{scope}/{ownerId:long}/{key}", SetSettingEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<SettingView>();
        group.MapDelete("/{scope}/{ownerId:long}/{key}", ClearSetting.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }
}
