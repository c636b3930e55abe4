using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Resellers;

namespace SaaS.Api.Resellers;

internal static class ResellerEndpoints
{
    public static void MapResellers(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/resellers").WithTags("Resellers").Problems();
        group.MapGet("", ListResellers.HandleAsync).RequireAuthorization(Policies.Reseller).Produces<PageOf<ResellerView>>();
        group.MapPost("", CreateResellerEndpoint.HandleAsync).RequireAuthorization(Policies.Operator).Creates<ResellerView>();
        group.MapGet("/{id:long}", GetReseller.HandleAsync).RequireAuthorization(Policies.Reseller).Produces<ResellerView>();
        group.MapPatch("/{id:long}", UpdateResellerEndpoint.HandleAsync).RequireAuthorization(Policies.Reseller).Versioned().Produces<ResellerView>();
        group.MapDelete("/{id:long}", DeleteReseller.HandleAsync).RequireAuthorization(Policies.Reseller).Versioned().Produces(204);
        group.MapGet("/{id:long}/admins", ListResellerAdmins.HandleAsync).RequireAuthorization(Policies.Reseller).Produces<PageOf<ResellerAdminView>>();
        group.MapPost("/{id:long}/admins", CreateResellerAdminEndpoint.HandleAsync).RequireAuthorization(Policies.Operator).Creates<ResellerAdminView>();
        group.MapDelete("/{id:long}/admins/{userId:long}", RemoveResellerAdmin.HandleAsync).RequireAuthorization(Policies.Operator).Produces(204);
    }
}
