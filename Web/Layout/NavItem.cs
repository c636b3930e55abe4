namespace SaaS.Web.Layout;

/// <summary>One line of a section's navigation.</summary>
/// <param name="Title">What the user reads.</param>
/// <param name="Icon">An SVG path of MudBlazor's <c>Icons.Material.Outlined</c>.</param>
/// <param name="Href">Address of the page.</param>
/// <param name="Exact">Current only at exactly this address (a section's first page).</param>
public sealed record NavItem(string Title, string Icon, string Href, bool Exact = false);
