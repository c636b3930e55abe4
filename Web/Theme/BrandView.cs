using System.Text.Json;

namespace SaaS.Web.Theme;

/// <summary>What a page needs to know of a brand.</summary>
public sealed record BrandView(string Name, Colour Primary, Colour Accent, string? LogoUrl, string? SupportUrl)
{
    public static BrandView Default { get; } = new("Postyard", new Colour(0x2F, 0x5B, 0xD7), new Colour(0x0B, 0x8A, 0x74), null, null);

    /// <summary>The style attribute of the root element: everything else in the style sheets derives from these.</summary>
    public string Style =>
        $"--brand-on-light:{Primary.ReadableOn(Colour.White)};--brand-on-dark:{Primary.ReadableOn(Colour.Night)};"
        + $"--brand-rgb-light:{Primary.ReadableOn(Colour.White).Triplet};--brand-rgb-dark:{Primary.ReadableOn(Colour.Night).Triplet};"
        + $"--accent-on-light:{Accent.ReadableOn(Colour.White)};--accent-on-dark:{Accent.ReadableOn(Colour.Night)}";

    internal static BrandView Read(JsonElement json) => new(
        Text(json, "name") is { Length: > 0 } name ? name : Default.Name,
        Colour.Parse(Text(json, "primaryColor", "primary_color")) ?? Default.Primary,
        Colour.Parse(Text(json, "accentColor", "accent_color")) ?? Default.Accent,
        Local(Text(json, "logoUrl", "logo_url")),
        Web(Text(json, "supportUrl", "support_url")));

    private static string? Text(JsonElement json, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }
        }

        return null;
    }

    /// <summary>A logo comes from our own host only; the page's policy would refuse any other.</summary>
    private static string? Local(string? url) =>
        url is ['/', not '/', ..] ? url
            : Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") ? uri.PathAndQuery : null;

    private static string? Web(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "https" or "http" or "mailto") ? url : null;
}
