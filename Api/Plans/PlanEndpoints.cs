using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Plans;

namespace SaaS.Api.Plans;

internal static class PlanEndpoints
{
    public static void MapPlans(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/plans").WithTags("Plans").Problems();
        group.MapGet("", ListPlans.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<PlanView>>();
        group.MapPost("", CreatePlanEndpoint.HandleAsync).RequireAuthorization(Policies.Reseller).Creates<PlanView>();
        group.MapGet("/{id:long}", GetPlan.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PlanView>();
        group.MapPatch("/{id:long}", UpdatePlanEndpoint.HandleAsync).RequireAuthorization(Policies.Reseller).Versioned().Produces<PlanView>();
        group.MapDelete("/{id:long}", DeletePlan.HandleAsync).RequireAuthorization(Policies.Reseller).Versioned().Produces(204);
    }
}
