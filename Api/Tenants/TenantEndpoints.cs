using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Tenants;

namespace SaaS.Api.Tenants;

internal static class TenantEndpoints
{
    public static void MapTenants(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/tenants").WithTags("Tenants").Problems();
        group.MapGet("", ListTenants.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<TenantView>>();
        group.MapPost("", CreateTenantEndpoint.HandleAsync).RequireAuthorization(Policies.Reseller).Creates<TenantView>();
        group.MapGet("/{id:long}", GetTenant.HandleAsync).RequireAuthorization(Policies.Admin).Produces<TenantView>();
        group.MapPatch("/{id:long}", UpdateTenantEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces<TenantView>();
        group.MapDelete("/{id:long}", DeleteTenant.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces(204);
    }
}
