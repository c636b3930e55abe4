using SaaS.Api.Hosting;
using SaaS.Client.AppPasswords;

namespace SaaS.Api.AppPasswords;

internal static class AppPasswordEndpoints
{
    public static void MapAppPasswords(this IEndpointRouteBuilder app)
    {
        var own = app.MapGroup("/v1/me/app-passwords").WithTags("App passwords").Problems();
        own.MapGet("", ListAppPasswords.OwnAsync).RequireAuthorization(Policies.User).Produces<AppPasswordList>();
        own.MapPost("", CreateAppPasswordEndpoint.HandleAsync).RequireAuthorization(Policies.User).Produces<AppPasswordCreated>(201);
        own.MapDelete("/{id:long}", RevokeAppPassword.OwnAsync).RequireAuthorization(Policies.User).Produces(204);

        var others = app.MapGroup("/v1/accounts/{id:long}/app-passwords").WithTags("App passwords").Problems();
        others.MapGet("", ListAppPasswords.OfAsync).RequireAuthorization(Policies.Admin).Produces<AppPasswordList>();
        others.MapDelete("/{entry:long}", RevokeAppPassword.OfAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }
}
