using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.OAuthClients;

namespace SaaS.Api.OAuthClients;

internal static class OAuthClientEndpoints
{
    public static void MapOAuthClients(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/oauth-clients").WithTags("OAuth clients").Problems();
        group.MapGet("", ListOAuthClients.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<OAuthClientView>>();
        group.MapPost("", CreateOAuthClientEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<OAuthClientCreated>();
        group.MapDelete("/{clientId}", DeleteOAuthClient.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/{clientId}/secret", RotateOAuthClientSecret.HandleAsync).RequireAuthorization(Policies.Admin).Produces<OAuthClientCreated>();
    }
}
