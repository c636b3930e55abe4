using SaaS.Api.Hosting;
using SaaS.Client.Branding;
using SaaS.Client.Http;

namespace SaaS.Api.Branding;

internal static class BrandingEndpoints
{
    public static void MapBranding(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1").WithTags("Branding").Problems();
        group.MapGet("/branding", GetHostBrand.HandleAsync).AllowAnonymous().Produces<HostBrand>();
        group.MapGet("/branding/logo", GetHostLogo.HandleAsync).AllowAnonymous().Produces(200, contentType: "image/png");
        group.MapGet("/brands", ListBrands.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<BrandView>>();
        group.MapPut("/resellers/{id:long}/brand", SaveResellerBrand.HandleAsync).RequireAuthorization(Policies.Reseller).Versioned().Produces<BrandView>();
        group.MapPut("/tenants/{id:long}/brand", SaveTenantBrand.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces<BrandView>();
        group.MapPut("/brand", SavePlatformBrand.HandleAsync).RequireAuthorization(Policies.Operator).Versioned().Produces<BrandView>();
        group.MapGet("/brands/{id:long}/logo", GetBrandLogo.HandleAsync).RequireAuthorization(Policies.Admin).Produces(200, contentType: "image/png");
        group.MapPut("/brands/{id:long}/logo", SetBrandLogo.HandleAsync).RequireAuthorization(Policies.Admin).Produces<BrandView>();
        group.MapDelete("/brands/{id:long}/logo", RemoveBrandLogo.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
        group.MapPost("/brands/{id:long}/hosts", AddBrandHostEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<BrandView>();
        group.MapPost("/brands/{id:long}/hosts/{host}/verify", VerifyBrandHost.HandleAsync).RequireAuthorization(Policies.Admin).Produces<BrandView>();
        group.MapPost("/brands/{id:long}/hosts/{host}/vouch", VouchBrandHost.HandleAsync).RequireAuthorization(Policies.Operator).Produces<BrandView>();
        group.MapDelete("/brands/{id:long}/hosts/{host}", RemoveBrandHost.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }
}
