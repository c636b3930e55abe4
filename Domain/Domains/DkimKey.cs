using SaaS.Domain.Common;

namespace SaaS.Domain.Domains;

public enum DkimAlgorithm
{
    RsaSha256 = 0,
    Ed25519Sha256 = 1,
}

public enum DkimKeyState
{
    /// <summary>Made, DNS does not show it yet: not used.</summary>
    Published = 0,
    Active = 1,
    Retired = 2,
}

/// <summary>A signing key of a domain (RFC 6376, RFC 8463). New domains get one RSA-2048 and one Ed25519 key.</summary>
public sealed class DkimKey : ITenantOwned
{
    public long Id { get; set; }
    public TenantId TenantId { get; set; }
    public DomainId DomainId { get; set; }
    public required string Selector { get; set; }
    public DkimAlgorithm Algorithm { get; set; }
    /// <summary>PKCS#8, PEM.</summary>
    public required string PrivateKey { get; set; }
    /// <summary>Base64 of the p= tag.</summary>
    public required string PublicKey { get; set; }
    public DkimKeyState State { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
