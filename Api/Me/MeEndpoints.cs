using SaaS.Api.Hosting;
using SaaS.Client.Me;

namespace SaaS.Api.Me;

internal static class MeEndpoints
{
    public static void MapMe(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/me").WithTags("Me").Problems();
        group.MapGet("", GetMe.HandleAsync).RequireAuthorization(Policies.User).Produces<MeView>();
        group.MapPatch("", UpdateMeEndpoint.HandleAsync).RequireAuthorization(Policies.User).Produces<MeView>();
        group.MapGet("/preferences", GetPreferences.HandleAsync).RequireAuthorization(Policies.User)
            .Produces<IReadOnlyDictionary<string, System.Text.Json.JsonElement>>();
        group.MapPatch("/preferences", SetPreferences.HandleAsync).RequireAuthorization(Policies.User)
            .Produces<IReadOnlyDictionary<string, System.Text.Json.JsonElement>>();
        group.MapPost("/password", ChangeOwnPassword.HandleAsync).RequireAuthorization(Policies.User).Produces(204);
    }
}
