namespace SaaS.Client.Branding;

/// <summary>What a host shows, to anybody who asks: also before sign-in.</summary>
/// <param name="LogoUrl">Path on the same host; null: show the name.</param>
public sealed record HostBrand(string Name, string PrimaryColor, string AccentColor, string? LogoUrl, string? SupportUrl);

/// <summary>A brand as its owner edits it; it belongs to a reseller, to one tenant, or (neither) to the platform.</summary>
public sealed record BrandView(
    long Id, long? ResellerId, long? TenantId, string Name, string PrimaryColor, string AccentColor, string? LogoUrl, string? SupportUrl,
    IReadOnlyList<string> Hosts, IReadOnlyList<BrandHostClaimView> Claims, string Version);

/// <summary>A host that is shown only once its owner has proven it, by one of two records at <paramref name="RecordName"/>.</summary>
/// <param name="TxtValue">What a TXT record there holds.</param>
/// <param name="CnameTarget">Where a CNAME record there leads instead.</param>
public sealed record BrandHostClaimView(string Host, string RecordName, string TxtValue, string CnameTarget);

/// <param name="PrimaryColor">#rrggbb</param>
/// <param name="AccentColor">#rrggbb</param>
/// <param name="SupportUrl">https or mailto; null takes it away.</param>
public sealed record SaveBrand(string Name, string PrimaryColor, string AccentColor, string? SupportUrl = null);

public sealed record AddBrandHost(string Host);
