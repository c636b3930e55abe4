using SaaS.Api.Hosting;
using SaaS.Client.Resellers;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Resellers;

namespace SaaS.Api.Resellers;

/// <summary>What of it crosses HTTP.</summary>
internal static class ResellerMapping
{
    public static ResellerView ToView(ResellerSummary x) => new(
        x.Reseller.Id.Value, x.Reseller.Name, x.Reseller.Suspended, x.Reseller.MaxTenants, x.Reseller.MaxAccounts, x.Tenants, x.Accounts,
        x.Reseller.CreatedAt, Answers.Version(x.Reseller.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<ResellerSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Reseller.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Reseller.Version));

    public static ResellerAdminView ToView(AdminUser x) => new(x.UserId, x.Login, x.DisplayName, x.GrantedAt);
}
