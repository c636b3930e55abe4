using SaaS.Api.Hosting;
using SaaS.Client.Domains;
using SaaS.Client.Http;

namespace SaaS.Api.Domains;

internal static class DomainEndpoints
{
    public static void MapDomains(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/domains").WithTags("Domains").Problems();
        group.MapGet("", ListDomains.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<DomainView>>();
        group.MapPost("", CreateDomainEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<DomainView>();
        group.MapGet("/{id:long}", GetDomain.HandleAsync).RequireAuthorization(Policies.Admin).Produces<DomainView>();
        group.MapPatch("/{id:long}", UpdateDomainEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces<DomainView>();
        group.MapDelete("/{id:long}", DeleteDomain.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces(204);
        group.MapPost("/{id:long}/verify", VerifyDomain.HandleAsync).RequireAuthorization(Policies.Admin).Produces<DomainView>();
        group.MapPost("/{id:long}/vouch", VouchDomain.HandleAsync).RequireAuthorization(Policies.Operator).Produces<DomainView>();
        group.MapGet("/{id:long}/dns", GetDomainDns.HandleAsync).RequireAuthorization(Policies.Admin).Produces<DnsReport>();
    }
}
