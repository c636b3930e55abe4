using SaaS.Domain.Common;

namespace SaaS.Domain.Branding;

/// <summary>Name, logo and colours that the host names of a reseller or tenant show everywhere, sign-in included.</summary>
public sealed class Brand
{
    public long Id { get; set; }
    public ResellerId? ResellerId { get; set; }
    public TenantId? TenantId { get; set; }
    public required string Name { get; set; }
    /// <summary>#rrggbb</summary>
    public required string PrimaryColor { get; set; }
    /// <summary>#rrggbb</summary>
    public required string AccentColor { get; set; }
    /// <summary>PNG, JPEG or WebP; SVG is not taken (it can carry script). At most 256 KB.</summary>
    public byte[]? Logo { get; set; }
    public string? LogoType { get; set; }
    public string? SupportUrl { get; set; }
    public uint Version { get; set; }
}

/// <summary>A host name that shows a brand: proven, or vouched for by an operator.</summary>
public sealed class BrandHost
{
    /// <summary>A-label, lower case, no port.</summary>
    public required string Host { get; set; }
    public long BrandId { get; set; }
}

/// <summary>A host name that a brand wants to show and whose owner has not proven it yet. Any number of brands can claim one; nothing is shown.</summary>
public sealed class BrandHostClaim
{
    /// <summary>A-label, lower case, no port.</summary>
    public required string Host { get; set; }
    public long BrandId { get; set; }
    /// <summary>What the proof at _postyard-challenge.HOST holds.</summary>
    public required string Token { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
