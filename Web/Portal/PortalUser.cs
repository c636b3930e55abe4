using System.Globalization;
using System.Security.Claims;

namespace SaaS.Web.Portal;

/// <summary>What the portal needs to know about who is signed in: roles and over what.</summary>
public sealed record PortalUser(bool Operator, bool ResellerAdmin, bool TenantAdmin, long? ResellerId, long? TenantId, long? AccountId)
{
    public static PortalUser Of(ClaimsPrincipal user)
    {
        var roles = user.FindAll("role").Concat(user.FindAll(ClaimTypes.Role)).Select(c => c.Value).ToHashSet(StringComparer.Ordinal);
        return new PortalUser(
            roles.Contains("operator"), roles.Contains("reseller_admin"), roles.Contains("tenant_admin"), Id("reseller_id"), Id("tenant_id"),
            Id("account_id"));

        long? Id(string claim) =>
            long.TryParse(user.FindFirst(claim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
