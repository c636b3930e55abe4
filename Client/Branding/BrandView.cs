namespace SaaS.Client.Branding;

/// <summary>What a host shows, to anybody who asks: also before sign-in.</summary>
/// <param name="LogoUrl">Path on the same host; null: show the name.</param>
public sealed record HostBrand(string Name, string PrimaryColor, string AccentColor, string? LogoUrl, string? SupportUrl);

/// <summary>A brand as its owner edits it; it belongs to a reseller, or to one tenant.</summary>
public sealed record BrandView(
    long Id, long? ResellerId, long? TenantId, string Name, string PrimaryColor, string AccentColor, string? LogoUrl, string? SupportUrl,
    IReadOnlyList<string> Hosts, string Version);

/// <param name="PrimaryColor">#rrggbb</param>
/// <param name="AccentColor">#rrggbb</param>
/// <param name="SupportUrl">https or mailto; null takes it away.</param>
public sealed record SaveBrand(string Name, string PrimaryColor, string AccentColor, string? SupportUrl = null);

public sealed record AddBrandHost(string Host);
