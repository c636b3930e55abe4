using SaaS.Api.Hosting;
using SaaS.Client.Aliases;
using SaaS.Client.Http;

namespace SaaS.Api.Aliases;

internal static class AliasEndpoints
{
    public static void MapAliases(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/aliases").WithTags("Aliases").Problems();
        group.MapGet("", ListAliases.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<AliasView>>();
        group.MapPost("", CreateAliasEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<AliasView>();
        group.MapGet("/{id:long}", GetAlias.HandleAsync).RequireAuthorization(Policies.Admin).Produces<AliasView>();
        group.MapPatch("/{id:long}", UpdateAliasEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces<AliasView>();
        group.MapDelete("/{id:long}", DeleteAlias.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces(204);
    }
}
