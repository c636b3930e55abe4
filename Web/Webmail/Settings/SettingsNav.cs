using MudBlazor;
using SaaS.Web.Layout;

namespace SaaS.Web.Webmail.Settings;

/// <summary>The pages of a user's settings, in their order. A new page is one line here.</summary>
internal static class SettingsNav
{
    public static IReadOnlyList<NavItem> Items { get; } =
    [
        new("General", Icons.Material.Outlined.Tune, "/mail/settings", Exact: true),
        new("Addresses and signatures", Icons.Material.Outlined.AlternateEmail, "/mail/settings/addresses"),
        new("Out of office", Icons.Material.Outlined.BeachAccess, "/mail/settings/away"),
        new("Filters", Icons.Material.Outlined.FilterAlt, "/mail/settings/filters"),
        new("Password", Icons.Material.Outlined.Key, "/mail/settings/password"),
    ];
}
