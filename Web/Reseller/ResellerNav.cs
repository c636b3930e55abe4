using MudBlazor;
using SaaS.Web.Auth;
using SaaS.Web.Layout;

namespace SaaS.Web.Reseller;

/// <summary>The pages of a reseller's admin.</summary>
internal static class ResellerNav
{
    public const string Policy = WebAuth.ResellerAdmin;

    public static IReadOnlyList<NavItem> Items { get; } =
    [
        new("Tenants", Icons.Material.Outlined.Domain, "/reseller", Exact: true),
        new("Plans", Icons.Material.Outlined.Sell, "/reseller/plans"),
        new("Legacy platforms", Icons.Material.Outlined.SwapHoriz, "/reseller/legacy-platforms"),
        new("Branding", Icons.Material.Outlined.Palette, "/reseller/branding"),
        new("Settings", Icons.Material.Outlined.Tune, "/reseller/settings"),
        new("Audit log", Icons.Material.Outlined.History, "/reseller/audit"),
    ];
}
