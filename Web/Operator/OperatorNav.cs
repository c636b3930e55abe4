using MudBlazor;
using SaaS.Web.Auth;
using SaaS.Web.Layout;

namespace SaaS.Web.Operator;

/// <summary>The pages of those who run the platform.</summary>
internal static class OperatorNav
{
    public const string Policy = WebAuth.Operator;

    public static IReadOnlyList<NavItem> Items { get; } =
    [
        new("Overview", Icons.Material.Outlined.SpaceDashboard, "/operator", Exact: true),
        new("Queue", Icons.Material.Outlined.Outbox, "/operator/queue"),
        new("Nodes", Icons.Material.Outlined.Dns, "/operator/nodes"),
        new("Resellers", Icons.Material.Outlined.Storefront, "/operator/resellers"),
        new("Tenants", Icons.Material.Outlined.Domain, "/operator/tenants"),
        new("Domains", Icons.Material.Outlined.Language, "/operator/domains"),
        new("Plans", Icons.Material.Outlined.Sell, "/operator/plans"),
        new("Legacy platforms", Icons.Material.Outlined.SwapHoriz, "/operator/legacy-platforms"),
        new("Branding", Icons.Material.Outlined.Palette, "/operator/branding"),
        new("Settings", Icons.Material.Outlined.Tune, "/operator/settings"),
        new("Audit log", Icons.Material.Outlined.History, "/operator/audit"),
    ];
}
