using SaaS.Api.Identity;
using SaaS.Client.Me;
using SaaS.Domain.Accounts;

namespace SaaS.Api.Me;

internal static class MeMapping
{
    public static MeView ToView(UserProfile x) => new(
        x.Id, x.Login, x.DisplayName, [.. x.Roles.Select(OAuthNames.RoleName), .. x.Account is null ? Array.Empty<string>() : ["user"]],
        x.Account?.Value, x.Tenant?.Value, x.TenantName, x.Reseller?.Value, x.ResellerName, x.UsedBytes, x.QuotaBytes, x.TwoFactor);
}
