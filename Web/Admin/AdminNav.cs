using MudBlazor;
using SaaS.Web.Auth;
using SaaS.Web.Layout;

namespace SaaS.Web.Admin;

/// <summary>The pages of a tenant's admin, in the order in which they are read. Under /tenants/{id} the same pages are a reseller's view.</summary>
internal static class AdminNav
{
    /// <summary>What it takes to see any of them; Api decides over which tenant.</summary>
    public const string Policy = WebAuth.AnyAdmin;

    public static IReadOnlyList<NavItem> Items { get; } =
    [
        new("Overview", Icons.Material.Outlined.SpaceDashboard, "/admin", Exact: true),
        new("Domains", Icons.Material.Outlined.Language, "/admin/domains"),
        new("Accounts", Icons.Material.Outlined.People, "/admin/accounts"),
        new("Aliases", Icons.Material.Outlined.AlternateEmail, "/admin/aliases"),
        new("Groups", Icons.Material.Outlined.Groups, "/admin/groups"),
        new("Outbound", Icons.Material.Outlined.Outbox, "/admin/outbound"),
        new("Settings", Icons.Material.Outlined.Tune, "/admin/settings"),
        new("Legacy platforms", Icons.Material.Outlined.SwapHoriz, "/admin/legacy-platforms"),
        new("Branding", Icons.Material.Outlined.Palette, "/admin/branding"),
        new("Audit log", Icons.Material.Outlined.History, "/admin/audit"),
    ];
}
