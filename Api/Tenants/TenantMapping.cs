using SaaS.Api.Hosting;
using SaaS.Client.Tenants;
using SaaS.Domain.Common;
using SaaS.Domain.Tenants;

namespace SaaS.Api.Tenants;

/// <summary>What of it crosses HTTP.</summary>
internal static class TenantMapping
{
    public static TenantView ToView(TenantSummary x) => new(
        x.Tenant.Id.Value, x.Tenant.ResellerId.Value, x.ResellerName, x.Tenant.PlanId.Value, x.PlanName, x.Tenant.Name, x.Tenant.Suspended,
        x.Domains, x.Accounts, x.UsedBytes, x.Tenant.CreatedAt, Answers.Version(x.Tenant.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<TenantSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Tenant.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Tenant.Version));
}
