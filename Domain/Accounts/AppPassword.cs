using SaaS.Domain.Common;

namespace SaaS.Domain.Accounts;

/// <summary>
/// A password for one mail program, made by us, shown once. Eighty random bits, so that a plain hash keeps it as well as a slow one.
/// </summary>
public sealed class AppPassword
{
    public long Id { get; set; }
    public AccountId AccountId { get; set; }
    /// <summary>What the user calls the program; 1 to 100 characters.</summary>
    public required string Label { get; set; }
    public MailProtocols Protocols { get; set; }
    /// <summary>SHA-256 of the password.</summary>
    public required byte[] Hash { get; set; }
    /// <summary>RFC 5802 §3, with the salt of the account's <see cref="ScramKey"/>.</summary>
    public required byte[] StoredKey { get; set; }
    public required byte[] ServerKey { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>Null: until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    /// <summary>Kept to five minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
    public MailProtocols? LastUsedProtocol { get; set; }
    public string? LastUsedAddress { get; set; }
}

/// <summary>What SCRAM-SHA-256 needs of an account: the salt that all its passwords share, and the keys of its own password.</summary>
/// <remarks>RFC 5802 §3, RFC 7677. The salt is the same for all, since the server must name it before it knows which password is meant.</remarks>
public sealed class ScramKey
{
    public AccountId AccountId { get; set; }
    public required byte[] Salt { get; set; }
    public int Iterations { get; set; }
    /// <summary>Null until the password was set or seen.</summary>
    public byte[]? StoredKey { get; set; }
    public byte[]? ServerKey { get; set; }
    /// <summary>SHA-256 of the password hash that the keys belong to: with another hash they count for nothing.</summary>
    public byte[]? PasswordDigest { get; set; }
}
